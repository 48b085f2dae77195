/* A framework with every kind of score, for random histories; the cuts and what else varies are added to it. */
#ifndef OV_TESTS_UNIT_SCORE_RULES_H
#define OV_TESTS_UNIT_SCORE_RULES_H

static const char SCORE_RULES[] =
    "id = \"random\"; name = \"Random\"; method = \"scores\"; types = [\"a\", \"b\", \"c\"]; themes = [\"x\", \"y\"];\n"
    "segments = ({ number = 1; name = \"1\"; }, { number = 2; name = \"2\"; }, { number = 3; name = \"3\"; consequence "
    "= \"c\"; },\n"
    "  { number = 4; name = \"4\"; consequence = \"c\"; }, { number = 5; name = \"5\"; consequence = \"c\"; });\n"
    "measures = (\n"
    "  { id = \"plain\"; name = \"n\"; theme = \"x\"; kind = \"number\"; direction = \"higher\"; frequency = "
    "\"quarter\";\n"
    "    peers = \"national\"; drop = false; score = { kind = \"plain\"; }; },\n"
    "  { id = \"standard\"; name = \"n\"; theme = \"y\"; kind = \"number\"; direction = \"lower\"; frequency = "
    "\"month\";\n"
    "    peers = \"type\"; drop = false; score = { kind = \"standard\"; standard = 5; weight = 0.333333333333; }; },\n"
    "  { id = \"floor\"; name = \"n\"; theme = \"x\"; kind = \"number\"; direction = \"higher\"; frequency = "
    "\"month\";\n"
    "    peers = ([\"a\", \"c\"], [\"b\"]); drop = false; score = { kind = \"floor\"; floor = 4; }; },\n"
    "  { id = \"rating\"; name = \"n\"; theme = \"y\"; kind = \"rating\"; frequency = \"month\"; valid_for = 150;\n"
    "    words = [\"good\", \"fair\", \"poor\"]; score = { kind = \"bands\"; bands = ({ word = \"good\"; score = 1; "
    "},\n"
    "    { word = \"poor\"; score = 4; }); }; },\n"
    "  { id = \"planned\"; name = \"n\"; theme = \"y\"; kind = \"number\"; direction = \"higher\"; frequency = "
    "\"quarter\";\n"
    "    peers = \"none\"; drop = false; score = { kind = \"bands\"; otherwise = 4; bands = ({ at_least = 0; score = "
    "1; },\n"
    "    { above = -2; score = 2; }, { at_least = -4; score = 3; }); }; },\n"
    "  { id = \"variance\"; name = \"n\"; theme = \"y\"; kind = \"number\"; direction = \"higher\"; frequency = "
    "\"quarter\";\n"
    "    peers = \"none\"; drop = false; score = { kind = \"bands\"; bands = ({ at_least = 1; score = 1; },\n"
    "    { at_most = -3; score = 4; }, { below = 0; score = 3; }); }; },\n"
    "  { id = \"combined\"; name = \"n\"; theme = \"x\"; kind = \"number\"; direction = \"neutral\"; frequency = "
    "\"quarter\";\n"
    "    applies_to = [\"a\", \"c\"]; score = { kind = \"combined\"; first = \"planned\"; second = \"variance\";\n"
    "    table = ([1, 1, 2, 3], [2, 2, 3, 4], [2, 3, 3, 4], [2, 3, 4, 4]); }; },\n"
    "  { id = \"supplied\"; name = \"n\"; theme = \"y\"; kind = \"number\"; direction = \"lower\"; frequency = "
    "\"quarter\";\n"
    "    peers = \"none\"; drop = false; score = { kind = \"supplied\"; weight = 2; }; },\n"
    "  { id = \"deficit\"; name = \"n\"; theme = \"x\"; kind = \"flag\"; frequency = \"quarter\"; valid_for = 300; },\n"
    "  { id = \"recovery\"; name = \"n\"; theme = \"x\"; kind = \"flag\"; frequency = \"month\"; }\n"
    ");\n";

static const char SCORE_CUT_SETS[] = "({ from = \"2024-04-01\"; bounds = [1.8, 2.4, 3.0]; },"
                                     " { from = \"2024-10-01\"; bounds = [1.6, 2.2, 2.8]; })";
static const char *const SCORE_CUTS[] = {"\"quartiles\"", "[1.8, 2.3, 2.9]", SCORE_CUT_SETS};

#endif
