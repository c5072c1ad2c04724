/* @NAME@: its commands. `./manage help` lists them. */
#include <corm/manage.h>

int main(int argc, char **argv) { return corm_manage(argc, argv, CORM_APPS(core)); }
