/* corm, the tool without a project. */
#include <corm/manage.h>

int main(int argc, char **argv) { return corm_manage(argc, argv, NULL); }
