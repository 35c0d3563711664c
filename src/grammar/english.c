/* english.c - the words the grammar engine knows: see english.h. */
#include "grammar/english.h"

const char english_verbs[] =
    "be was being bear bore bearing become became becoming begin began beginning bend "
    "bent bending bind bound binding bite bit biting break broke breaking bring brought "
    "bringing broadcast broadcast broadcasting build built building burst burst "
    "bursting buy bought buying cast cast casting catch caught catching choose chose "
    "choosing come came coming cost cost costing cut cut cutting deal dealt dealing dig "
    "dug digging do did doing draw drew drawing drink drank drinking drive drove "
    "driving fall fell falling feed fed feeding feel felt feeling fight fought fighting "
    "find found finding fly flew flying forbid forbade forbidding forget forgot "
    "forgetting freeze froze freezing get got getting give gave giving go went going "
    "grow grew growing hang hung hanging have had having hide hid hiding hit hit "
    "hitting hold held holding input input inputting keep kept keeping know knew "
    "knowing lay laid laying lead led leading leave left leaving lend lent lending let "
    "let letting lose lost losing make made making mean meant meaning meet met meeting "
    "offset offset offsetting output output outputting outgrow outgrew outgrowing "
    "outrun outran outrunning overcome overcame overcoming override overrode overriding "
    "overshoot overshot overshooting overwrite overwritten overwriting pay paid paying "
    "put put putting quit quit quitting read read reading rebuild rebuilt rebuilding "
    "redo redid redoing remake remade remaking rerun reran rerunning resend resent "
    "resending reset reset resetting rethink rethought rethinking rewrite rewrote "
    "rewriting rid rid ridding ring rang ringing rise rose rising run ran running say "
    "said saying see saw seeing seek sought seeking sell sold selling send sent sending "
    "set set setting shed shed shedding shine shone shining shoot shot shooting show "
    "showed showing shrink shrank shrinking shut shut shutting sing sang singing sink "
    "sank sinking sit sat sitting sleep slept sleeping speak spoke speaking spend spent "
    "spending spin spun spinning split split splitting spread spread spreading stand "
    "stood standing steal stole stealing stick stuck sticking swear swore swearing swim "
    "swam swimming take took taking teach taught teaching tear tore tearing tell told "
    "telling think thought thinking throw threw throwing undergo underwent undergoing "
    "understand understood understanding undo undid undoing uphold upheld upholding "
    "upset upset upsetting wake woke waking wear wore wearing win won winning withdraw "
    "withdrew withdrawing withhold withheld withholding write wrote writing arise arose "
    "arising submit submitted submitting permit permitted permitting admit admitted "
    "admitting omit omitted omitting commit committed committing transmit transmitted "
    "transmitting prefer preferred preferring refer referred referring transfer "
    "transferred transferring defer deferred deferring confer conferred conferring "
    "infer inferred inferring occur occurred occurring recur recurred recurring incur "
    "incurred incurring deter deterred deterring control controlled controlling patrol "
    "patrolled patrolling compel compelled compelling expel expelled expelling propel "
    "propelled propelling repel repelled repelling rebel rebelled rebelling excel "
    "excelled excelling cancel cancelled cancelling travel travelled travelling label "
    "labelled labelling model modelled modelling level levelled levelling format "
    "formatted formatting debug debugged debugging embed embedded embedding unzip "
    "unzipped unzipping remap remapped remapping unpin unpinned unpinning unwrap "
    "unwrapped unwrapping reboot rebooted rebooting analyse analysed analysing organise "
    "organised organising recognise recognised recognising realise realised realising "
    "customise customised customising optimise optimised optimising initialise "
    "initialised initialising synchronise synchronised synchronising";

const char english_verbs_more[] =
    "delete deleted deleting update updated updating stop stopped stopping scan scanned "
    "scanning push pushed pushing check checked checking test tested testing file filed "
    "filing";

const char english_nouns[] =
    "focus foci child children person people man men woman women foot feet tooth teeth "
    "mouse mice goose geese ox oxen index indices appendix appendices matrix matrices "
    "vertex vertices crisis crises analysis analyses diagnosis diagnoses thesis theses "
    "hypothesis hypotheses parenthesis parentheses datum data medium media bacterium "
    "bacteria criterion criteria phenomenon phenomena curriculum curricula alumnus "
    "alumni cactus cacti fungus fungi nucleus nuclei radius radii stimulus stimuli "
    "syllabus syllabi fish fish sheep sheep deer deer species species series series "
    "aircraft aircraft life lives wife wives knife knives leaf leaves half halves self "
    "selves shelf shelves wolf wolves calf calves loaf loaves thief thieves";

const char english_nouns_more[] =
    "build builds run runs commit commits change changes check checks test tests file "
    "files issue issues repo repos repository repositories branch branches item items "
    "task tasks package packages artifact artifacts vulnerability vulnerabilities "
    "dependency dependencies directory directories category categories query queries";

const char english_terms[] =
    "url id ok ci qa php sdk html cgo pid cpus ssh ssl api pr vite pnpm app_url blocked_by "
    "claimed_by related_files up_to_date dry_run go_mod go.mod test package filter coverage";

const char english_determiners[] =
    "a an the this that these those my your his her its our their every each some any no many few "
    "several all both";

const char english_auxiliaries[] =
    "to is are was were has had have do does did will would could should can may might shall must "
    "don't can't won't shouldn't couldn't wouldn't doesn't didn't isn't aren't wasn't weren't "
    "hasn't hadn't haven't";

const char english_clause_ends[] = "and or but because when while if then so";

const char english_undoubled[] = "open edit";
const char english_es_nouns[] = "hero potato tomato echo veto";
