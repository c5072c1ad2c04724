/* A device: one program, its database a file, no commands. usage: device FILE; prints the readings
 * that it has. */
#include "corm.h"
#include <stdio.h>

CORM_MODEL(Sensor, Sensors, "sensors",
    identity(id),
    varchar(place, 40, .unique = true),
    boolean(enabled, .default_value = DEFAULT(1)));

CORM_MODEL(Reading, Readings, "readings",
    identity(id),
    foreign_key(sensor, Sensor, .on_delete = CORM_CASCADE),
    decimal(celsius, 5, 2),
    timestamp(taken, .auto_now_add = true));

CORM_MIGRATION(device, 0001_initial) = {
    .operations =
        (const corm_operation[]){
            { .kind = CORM_CREATE_TABLE,
              .table = "sensors",
              .model = "Sensor",
              .columns = (const corm_column[]){ { .name = "id", .kind = CORM_IDENTITY },
                                                { .name = "place",
                                                  .kind = CORM_VARCHAR,
                                                  .max_length = 40 },
                                                { 0 } },
              .primary_key = "id",
              .constraints = (const corm_constraint[]){ { .name = "sensors_place_uniq",
                                                          .kind = CORM_CONSTRAINT_UNIQUE,
                                                          .columns = "place" },
                                                        { 0 } } },
            { .kind = CORM_CREATE_TABLE,
              .table = "readings",
              .model = "Reading",
              .columns =
                  (const corm_column[]){
                      { .name = "id", .kind = CORM_IDENTITY },
                      { .name = "sensor_id",
                        .kind = CORM_BIGINT,
                        .references = { .table = "sensors",
                                        .column = "id",
                                        .on_delete = CORM_CASCADE } },
                      { .name = "celsius", .kind = CORM_DECIMAL, .digits = 5, .places = 2 },
                      { .name = "taken", .kind = CORM_TIMESTAMP },
                      { 0 } },
              .primary_key = "id" },
            { 0 } }
};
CORM_MIGRATION(device, 0002_sensor_enabled) = {
    .depends_on = (const char *const[]){ "device.0001_initial", NULL },
    .operations = (const corm_operation[]){
        { .kind = CORM_ADD_COLUMN, .table = "sensors",
          .column = { .name = "enabled", .kind = CORM_BOOLEAN, .default_value = CORM_DEFAULT(1) } },
        { 0 } } };
CORM_MIGRATIONS(device, 0001_initial, 0002_sensor_enabled);
CORM_APP(device, .models = CORM_MODELS(Sensors, Readings), .migrations = device_migrations);

static int failed(corm_db *db) {
    fprintf(stderr, "device: %s\n", corm_error(db)->message);
    return 1;
}

static int measure(corm_db *db) {
    Sensor *roof = corm_first(db, Sensors, .where = EQ(Sensors.place, "roof"));
    if (!roof && corm_failed(db)) return failed(db);
    Sensor made = { .place = "roof", .enabled = true };
    if (!roof && corm_insert(db, Sensors, &made)) return failed(db);
    Reading reading = { .sensor_id = roof ? roof->id : made.id,
                        .celsius = corm_decimal_of(-725, 2) };
    corm_free(roof);
    return corm_insert(db, Readings, &reading) ? failed(db) : 0;
}

static int print(corm_db *db) {
    Reading *rows = corm_all(db, Readings, .where = LT(Readings.celsius, 0),
                             .with = WITH(Readings.sensor), .order_by = BY(ASC(Readings.id)));
    if (!rows) return failed(db);
    for (size_t i = 0; i < corm_len(rows); i++) {
        char text[CORM_DECIMAL_TEXT];
        printf("%s %s\n", rows[i].sensor->place,
               corm_decimal_format(rows[i].celsius, text, sizeof text));
    }
    corm_free(rows);
    return 0;
}

int main(int argc, char **argv) {
    char url[500];
    corm_error_info error;
    if (argc != 2) return 64;
    snprintf(url, sizeof url, "sqlite:///%s", argv[1]);
    corm_settings *settings =
        corm_settings_load(&(corm_settings_options){ .url = url, .no_env_file = true }, &error);
    if (!settings) {
        fprintf(stderr, "device: %s\n", error.message);
        return 78;
    }
    corm_db *db = corm_open_with(settings, NULL);
    int status = corm_failed(db) || corm_migrate(db, CORM_APPS(device)) ? failed(db) : 0;
    if (!status) status = measure(db);
    if (!status) status = print(db);
    corm_close(db);
    corm_settings_free(settings);
    return status;
}
