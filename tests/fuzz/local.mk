# Fuzz targets: LLVMFuzzerTestOneInput() on pure decoders.
