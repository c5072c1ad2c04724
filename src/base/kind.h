/* The C types of kinds. */
#pragma once
#include <corm/schema.h>
#include <stddef.h>

/* The size of a member of this kind, not optional; 0 for what is no kind of a member. */
size_t corm__kind_size(corm_kind kind);
/* Where the value stands inside the optional_* of this kind. */
size_t corm__kind_value_offset(corm_kind kind);
