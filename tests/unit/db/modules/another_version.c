/* A module for an engine that corm knows, made for an ABI that it does not. */
#include <corm/backend.h>

extern const corm_backend corm_backend_mariadb;
__attribute__((visibility("default")))
const corm_backend corm_backend_mariadb = { .abi = CORM_BACKEND_ABI + 1, .name = "mariadb" };
