/* flags_config.c - flags from the environment and from configuration files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/flags_int.h"
#include "os/file.h"
#include "text/json.h"

enum { ENV_NAME_MAX = 64, CONFIG_PATH_MAX = 4096 };

/* "max-tokens" to "LEM_MAX_TOKENS". */
static void env_name(char out[ENV_NAME_MAX], const char *name)
{
    snprintf(out, ENV_NAME_MAX, "LEM_%s", name);
    for (char *c = out; *c; c++) {
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
        else if (*c == '-')
            *c = '_';
    }
}

static bool is_open(const struct flag_value *value)
{
    return value->origin == ORIGIN_NONE && !value->spec->argv_only;
}

static bool set_from_env(struct flags *flags, struct err *err)
{
    for (size_t i = 0; i < flags->n_values; i++) {
        struct flag_value *value = &flags->values[i];
        char name[ENV_NAME_MAX];
        env_name(name, value->spec->name);
        const char *text = is_open(value) ? getenv(name) : NULL;
        if (text && *text && !flags_set(flags, value, text, name, ORIGIN_ENV, err))
            return false;
    }
    return true;
}

/* One configured value; lists may be arrays of strings. */
static bool set_from_json(struct flags *flags, struct flag_value *value, const json_t *json,
                          struct err *err)
{
    char text[64];
    const char *name = value->spec->name;
    if (json_is_string(json))
        return flags_set(flags, value, json_string_value(json), name, ORIGIN_CONFIG, err);
    if (json_is_boolean(json))
        return flags_set(flags, value, json_is_true(json) ? "true" : "false", name, ORIGIN_CONFIG,
                         err);
    if (json_is_integer(json)) {
        snprintf(text, sizeof text, "%lld", (long long)json_integer_value(json));
        return flags_set(flags, value, text, name, ORIGIN_CONFIG, err);
    }
    if (json_is_real(json)) {
        snprintf(text, sizeof text, "%.17g", json_real_value(json));
        return flags_set(flags, value, text, name, ORIGIN_CONFIG, err);
    }
    if (!json_is_array(json) || value->spec->kind != FLAG_LIST)
        return err_set(err, ERR_USAGE, "\"%s\" holds neither text nor a number", name);
    for (size_t i = 0; i < json_array_size(json); i++) {
        const char *item = json_string_value(json_array_get(json, i));
        if (!item)
            return err_set(err, ERR_USAGE, "\"%s\" must be a list of texts", name);
        if (!flags_set(flags, value, item, name, ORIGIN_CONFIG, err))
            return false;
    }
    return true;
}

static bool set_from_object(struct flags *flags, json_t *lem, struct err *err)
{
    const char *key;
    json_t *json;
    json_object_foreach(lem, key, json)
    {
        /* A key that is no flag of this command may be one of another. */
        struct flag_value *value = flags_find(flags, key, strlen(key));
        if (value && is_open(value) && !set_from_json(flags, value, json, err))
            return false;
    }
    return true;
}

static bool set_from_file(struct flags *flags, const char *path, struct err *err)
{
    struct buf bytes;
    buf_init(&bytes, FLAGS_CONFIG_MAX);
    json_t *root = NULL;
    bool ok = file_read(&bytes, path, err) && json_parse(&root, buf_str(&bytes), path, err);
    json_t *lem = json_object_get(root, "lem");
    if (ok && lem && !json_is_object(lem))
        ok = err_set(err, ERR_FORMAT, "%s: \"lem\" must be an object", path);
    if (ok && lem && !set_from_object(flags, lem, err))
        ok = err_in(err, "%s", path);
    json_decref(root);
    buf_release(&bytes);
    return ok;
}

/* $XDG_CONFIG_HOME/lem/config.json, or the same below ~/.config; false when there is no home. */
static bool user_config_path(char out[CONFIG_PATH_MAX])
{
    const char *config = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    int n = -1;
    if (config && *config)
        n = snprintf(out, CONFIG_PATH_MAX, "%s/lem/config.json", config);
    else if (home && *home)
        n = snprintf(out, CONFIG_PATH_MAX, "%s/.config/lem/config.json", home);
    return n > 0 && n < CONFIG_PATH_MAX;
}

bool flags_set_from_surroundings(struct flags *flags, struct err *err)
{
    static const char here[] = "lem.config.json";
    char user[CONFIG_PATH_MAX];
    if (!set_from_env(flags, err))
        return false;
    const char *only = flags_str(flags, "config");
    if (only)
        return set_from_file(flags, only, err);
    if (file_exists(here) && !set_from_file(flags, here, err))
        return false;
    if (user_config_path(user) && file_exists(user))
        return set_from_file(flags, user, err);
    return true;
}
