/* composure.c - see composure.h. */
#include "lesson/composure.h"

#include "base/vec.h"
#include "lesson/lesson.h"
#include "text/json.h"
#include "text/utf8.h"

/* Eight questions for each of the four domains, and for any other. {title} and {author} are the
 * text's. */
static const struct {
    const char *domain, *questions[COMPOSURE_QUESTIONS];
} domains[] = {
    {"consent",
     {"What does it take for a yes to be somebody's own?",
      "Read to me from {title}, where {author} speaks of being asked.",
      "When may one person decide for another?",
      "What is lost when nobody is asked, even if all goes well?",
      "How does a person learn to refuse?",
      "Who gains when others are kept from judging for themselves?",
      "What would {author} say to somebody who obeys out of habit?",
      "Is a choice still a choice when there was only one thing to choose?"}},
    {"privacy",
     {"What is it that we protect when we close a door?",
      "Read to me from {title}, where {author} speaks of being alone.",
      "Why should somebody with nothing to hide want to be unseen?",
      "What grows only where nobody watches?", "How much of a life belongs to the neighbours?",
      "What does it cost to be always within reach?",
      "How would {author} live among machines that remember everything?",
      "Where does company end and watching begin?"}},
    {"sovereignty",
     {"What part of a life is nobody's business but one's own?",
      "Read to me from {title}, where {author} speaks of liberty.",
      "Why let people make their own mistakes?", "What may the many ask of the one?",
      "How does custom rule those whom no law binds?", "When is it right to hold somebody back?",
      "What would {author} say to those who rule us for our good?",
      "Why should an opinion that is wrong be heard?"}},
    {"transparency",
     {"How does one speak plainly to oneself?",
      "Read to me from {title}, where {author} looks at what is his own doing.",
      "What is left of a deed when nobody praises it?", "How does one look at a thing as it is?",
      "What should be done about those who deceive us?",
      "What does it mean to have nothing that needs a curtain?",
      "What would {author} write tonight about today?",
      "How is one to bear being shown to be wrong?"}},
    {"",
     {"What does {title} have to say to us?", "Read to me from {title}, please.",
      "What did {author} think about this?", "Where would you begin with {title}?",
      "What passage of {author} stays with you?", "Go on with {title}, if you would.",
      "Which lines of {title} should one read slowly?",
      "What would {author} want us to take from this?"}},
};
enum { N_DOMAINS = sizeof domains / sizeof *domains };

struct chunker {
    json_t *list;
    struct composure_count *count;
    const char *name;
    struct str domain, title, author;
    struct str paragraphs[COMPOSURE_PARAGRAPHS];
    size_t n_paragraphs, last_number;
};

struct str composure_domain(const char *name)
{
    const char *slash = strrchr(name, '/');
    struct str base = str_of(slash ? slash + 1 : name);
    size_t end = 0;
    while (end < base.len && base.ptr[end] != '-' && base.ptr[end] != '.')
        end++;
    return str_n(base.ptr, end);
}

static void put_question(struct buf *out, const struct chunker *in, const char *template)
{
    for (const char *at = template; *at;) {
        struct str rest = str_of(at);
        if (str_starts(rest, str_of("{title}"))) {
            buf_add_str(out, in->title);
            at += strlen("{title}");
        } else if (str_starts(rest, str_of("{author}"))) {
            buf_add_str(out, in->author);
            at += strlen("{author}");
        } else {
            buf_putc(out, *at++);
        }
    }
}

static const char *question(const struct chunker *in, size_t chunk)
{
    size_t d = 0;
    while (d + 1 < N_DOMAINS && !str_is(in->domain, domains[d].domain))
        d++;
    return domains[d].questions[chunk % COMPOSURE_QUESTIONS];
}

static void end_chunk(struct chunker *in)
{
    struct buf answer, asked;
    if (in->n_paragraphs == 0)
        return;
    buf_init(&answer, BUF_MAX_DEFAULT);
    buf_init(&asked, BUF_MAX_DEFAULT);
    for (size_t i = 0; i < in->n_paragraphs; i++) {
        if (i > 0)
            buf_puts(&answer, "\n\n");
        buf_add_str(&answer, in->paragraphs[i]);
    }
    in->n_paragraphs = 0;
    in->count->chunks++;
    if (utf8_count(buf_str(&answer)) >= COMPOSURE_CHARS_MIN) {
        json_t *value = lesson_new();
        put_question(&asked, in, question(in, in->count->lessons++));
        lesson_add(value, "user", buf_str(&asked));
        lesson_add(value, "assistant", buf_str(&answer));
        json_array_append_new(in->list, value);
    }
    buf_release(&answer);
    buf_release(&asked);
}

/* The value of a line "Name: value", when the paragraph is one. */
static bool is_field(struct str *value, struct str paragraph, const char *name)
{
    struct str colon = str_of(":");
    struct str head = str_of(name);
    if (!str_starts(paragraph, head) || !str_starts(str_from(paragraph, head.len), colon))
        return false;
    *value = utf8_strip(str_from(paragraph, head.len + 1));
    return true;
}

/* Does it only say where the text comes from, or what the next part is called? */
static bool is_metadata(struct str paragraph)
{
    static const char *const fields[] = {"Title", "Author",  "Translator", "Source", "Chapter",
                                         "Book",  "Part",    "Section",    "Note",   "Language",
                                         "Year",  "Edition", "Publisher",  NULL};
    static const char *const heads[] = {"CHAPTER ", "BOOK ", "PART ", "SECTION ",
                                        "Chapter ", "Book ", "Part ", "***",
                                        "# ",       "## ",   NULL};
    struct str value;
    bool is_short = utf8_count(paragraph) < 80;
    for (size_t i = 0; fields[i]; i++)
        if (is_field(&value, paragraph, fields[i]))
            return true;
    for (size_t i = 0; is_short && heads[i]; i++)
        if (str_starts(paragraph, str_of(heads[i])))
            return true;
    return false;
}

/* "[12] text": the number, and the text after it; false for other paragraphs. */
static bool take_number(size_t *number, struct str *paragraph)
{
    size_t i = 1, n = 0;
    if (paragraph->len < 3 || paragraph->ptr[0] != '[')
        return false;
    while (i < paragraph->len && i < 10 && paragraph->ptr[i] >= '0' && paragraph->ptr[i] <= '9')
        n = n * 10 + (size_t)(paragraph->ptr[i++] - '0');
    if (i == 1 || i == paragraph->len || paragraph->ptr[i] != ']')
        return false;
    *number = n;
    *paragraph = utf8_strip(str_from(*paragraph, i + 1));
    return true;
}

static bool add_paragraph(struct chunker *in, struct str paragraph, size_t line, struct err *err)
{
    size_t number;
    bool is_numbered = take_number(&number, &paragraph);
    if (is_numbered && number != in->last_number + 1)
        return err_set(err, ERR_FORMAT, "%s: line %zu: paragraph [%zu] after [%zu]", in->name, line,
                       number, in->last_number);
    if (is_numbered)
        in->last_number = number;
    if (!is_numbered || paragraph.len == 0 || is_metadata(paragraph)) {
        struct str value;
        if (is_field(&value, paragraph, "Title"))
            in->title = value;
        else if (is_field(&value, paragraph, "Author"))
            in->author = value;
        in->count->metadata++;
        return true;
    }
    in->count->paragraphs++;
    in->paragraphs[in->n_paragraphs++] = paragraph;
    if (in->n_paragraphs == COMPOSURE_PARAGRAPHS)
        end_chunk(in);
    return true;
}

static bool is_blank(struct str line)
{
    return utf8_strip(line).len == 0;
}

/* Paragraphs stand between blank lines; "Title:" and "Author:" lines may stand together. */
static bool read_paragraphs(struct chunker *in, struct str text, struct err *err)
{
    size_t at = 0, number = 0, first = 0;
    struct str paragraph = {0};
    while (at <= text.len) {
        size_t end = str_find(text, str_of("\n"), at);
        end = end == (size_t)-1 ? text.len : end;
        struct str line = str_sub(text, at, end - at), value;
        bool alone = is_field(&value, line, "Title") || is_field(&value, line, "Author");
        number++;
        at = end + 1;
        if (paragraph.len > 0 && (is_blank(line) || alone)) {
            if (!add_paragraph(in, utf8_strip(paragraph), first, err))
                return false;
            paragraph = (struct str){0};
        }
        if (is_blank(line))
            continue;
        if (paragraph.len == 0) {
            paragraph.ptr = line.ptr;
            first = number;
        }
        paragraph.len = (size_t)(line.ptr + line.len - paragraph.ptr);
    }
    return paragraph.len == 0 || add_paragraph(in, utf8_strip(paragraph), first, err);
}

bool composure_lessons(json_t *list, struct composure_count *count, struct str text,
                       const char *name, struct err *err)
{
    struct chunker in = {.list = list,
                         .count = count,
                         .name = name,
                         .domain = composure_domain(name),
                         .title = STR("this text"),
                         .author = STR("its author")};
    *count = (struct composure_count){0};
    if (!utf8_is_valid(text))
        return err_set(err, ERR_FORMAT, "%s: not UTF-8 text from byte %zu on", name,
                       utf8_check(text));
    if (!read_paragraphs(&in, text, err))
        return false;
    end_chunk(&in);
    return in.last_number > 0 ||
           err_set(err, ERR_FORMAT, "%s: no paragraph begins with a number like [1]", name);
}
