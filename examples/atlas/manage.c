/* Atlas: countries, their subdivisions, languages and names, from Debian's iso-codes package. */
#include <corm/manage.h>

int main(int argc, char **argv) { return corm_manage(argc, argv, CORM_APPS(core, atlas)); }
