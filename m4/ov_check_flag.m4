# OV_CHECK_CFLAG(VARIABLE, FLAG)
# Appends FLAG to VARIABLE when the compiler takes it without a warning.
AC_DEFUN([OV_CHECK_CFLAG], [
  AS_VAR_PUSHDEF([cache], [ov_cv_cflag_$2])
  AC_CACHE_CHECK([whether $CC takes $2], [cache], [
    ov_save_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS -Werror $2"
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
      [AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])
    CFLAGS=$ov_save_CFLAGS
  ])
  AS_VAR_IF([cache], [yes], [AS_VAR_APPEND([$1], [" $2"])])
  AS_VAR_POPDEF([cache])
])

# OV_CHECK_LDFLAG(VARIABLE, FLAG)
# Appends FLAG to VARIABLE when a program can be linked with it.
AC_DEFUN([OV_CHECK_LDFLAG], [
  AS_VAR_PUSHDEF([cache], [ov_cv_ldflag_$2])
  AC_CACHE_CHECK([whether $CC links with $2], [cache], [
    ov_save_LDFLAGS=$LDFLAGS
    ov_save_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS -fPIE"
    LDFLAGS="$LDFLAGS -Werror $2"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
      [AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])
    LDFLAGS=$ov_save_LDFLAGS
    CFLAGS=$ov_save_CFLAGS
  ])
  AS_VAR_IF([cache], [yes], [AS_VAR_APPEND([$1], [" $2"])])
  AS_VAR_POPDEF([cache])
])
