/* Text as a C string literal. */
#pragma once
#include "base/buffer.h"

/* The length of the character at text when it is one that an editor does not show, or that turns
 * the order in which it shows the others: code would read otherwise than it is. Else 0. */
size_t corm__c_unseen(const char *text);
/* Appends the character at text, escaped for a literal so that the compiler reads back the same
 * bytes, and returns its length. before: the byte in front of it in the text, 0: none. What is no
 * UTF-8, or is not seen, is written in octal. */
size_t corm__c_character(corm_buffer *out, const char *text, unsigned char before);
/* Appends text as "…". */
void corm__c_literal(corm_buffer *out, const char *text);
