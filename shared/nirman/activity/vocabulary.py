"""The words of the plan in English and in Bengali: its fields, and the values that are words themselves."""

from __future__ import annotations

from collections.abc import Mapping

from nirman.planning.model import Kind

Pair = tuple[str, str]
"""English, Bengali."""

KINDS: Mapping[Kind, Pair] = {
    Kind.PROJECT: ("project", "প্রকল্প"),
    Kind.CALENDAR: ("calendar", "ক্যালেন্ডার"),
    Kind.TASK: ("task", "কাজ"),
    Kind.LINK: ("link", "সংযোগ"),
    Kind.RESOURCE: ("resource", "রিসোর্স"),
    Kind.ASSIGNMENT: ("assignment", "বরাদ্দ"),
    Kind.BASELINE: ("baseline", "বেসলাইন"),
    Kind.RISK: ("risk", "ঝুঁকি"),
}

FIELDS: Mapping[str, Pair] = {
    # of several kinds
    "name": ("name", "নাম"),
    "kind": ("kind", "ধরন"),
    "code": ("code", "কোড"),
    "labels": ("labels", "লেবেল"),
    "notes": ("notes", "মন্তব্য"),
    "start": ("start", "শুরু"),
    "finish": ("finish", "শেষ"),
    "calendar_uid": ("calendar", "ক্যালেন্ডার"),
    "actual_start": ("actual start", "প্রকৃত শুরু"),
    "actual_finish": ("actual finish", "প্রকৃত শেষ"),
    "actual_cost": ("actual cost", "প্রকৃত খরচ"),
    "work_minutes": ("work", "শ্রম"),
    # of a project
    "schedule_from": ("scheduling from", "যে দিক থেকে সূচি হয়"),
    "status_date": ("status date", "হালনাগাদের তারিখ"),
    "time_zone": ("time zone", "সময় অঞ্চল"),
    "rain_days": ("rain days", "বৃষ্টির দিন"),
    "indirect_cost_per_day": ("indirect cost a day", "দৈনিক পরোক্ষ খরচ"),
    "delay_damages_per_day": ("damages for delay a day", "বিলম্বের দৈনিক ক্ষতিপূরণ"),
    "currency": ("currency", "মুদ্রা"),
    "minutes_per_day": ("working time of a day", "দিনের কর্মসময়"),
    "minutes_per_week": ("working time of a week", "সপ্তাহের কর্মসময়"),
    "days_per_month": ("working days of a month", "মাসের কর্মদিবস"),
    "default_start_minute": ("usual start of a day", "দিনের স্বাভাবিক শুরু"),
    "default_finish_minute": ("usual finish of a day", "দিনের স্বাভাবিক শেষ"),
    "critical_slack_minutes": ("slack of critical tasks", "সংকটপূর্ণ কাজের অবকাশ"),
    "honor_constraints": ("honouring of constraints", "শর্ত মানা"),
    "multiple_critical_paths": ("multiple critical paths", "একাধিক সংকটপূর্ণ পথ"),
    "rules": ("scheduling rules", "সূচির নিয়ম"),
    "lag_calendar": ("calendar of lags", "বিরতির ক্যালেন্ডার"),
    "progress_logic": ("progress logic", "অগ্রগতির যুক্তি"),
    "start_lag_from_early_start": ("start-start lags from the early start", "শুরু-শুরু বিরতি আগাম শুরু থেকে"),
    "work_after_status_date": ("work after the status date only", "শুধু হালনাগাদের তারিখের পরে কাজ"),
    "critical_by": ("measure of criticality", "সংকটপূর্ণতার মাপ"),
    "slack_kind": ("kind of slack", "অবকাশের ধরন"),
    "open_ends_critical": ("criticality of open ends", "খোলা প্রান্ত সংকটপূর্ণ"),
    "float_by_project": ("float of each project", "প্রতিটি প্রকল্পের নিজের অবকাশ"),
    "use_expected_finish": ("use of expected finishes", "প্রত্যাশিত শেষের ব্যবহার"),
    "must_finish": ("date to finish by", "যে তারিখের মধ্যে শেষ করতে হবে"),
    "new_tasks_effort_driven": ("effort-driven mark of new tasks", "নতুন কাজ শ্রমনির্ভর"),
    # of a task
    "parent_uid": ("summary", "মূল কাজ"),
    "position": ("place in the outline", "তালিকায় স্থান"),
    "duration_minutes": ("duration", "সময়কাল"),
    "duration_elapsed": ("elapsed duration", "একটানা সময়কাল"),
    "milestone": ("milestone mark", "মাইলফলক চিহ্ন"),
    "constraint": ("constraint", "শর্ত"),
    "constraint_date": ("constraint date", "শর্তের তারিখ"),
    "second_constraint": ("second constraint", "দ্বিতীয় শর্ত"),
    "second_constraint_date": ("date of the second constraint", "দ্বিতীয় শর্তের তারিখ"),
    "expected_finish": ("expected finish", "প্রত্যাশিত শেষ"),
    "external_early_start": ("early start by other projects", "অন্য প্রকল্পমতে আগাম শুরু"),
    "external_late_finish": ("late finish by other projects", "অন্য প্রকল্পমতে বিলম্বিত শেষ"),
    "deadline": ("deadline", "শেষ সময়সীমা"),
    "ignore_resource_calendar": ("ignoring of resource calendars", "রিসোর্সের ক্যালেন্ডার উপেক্ষা"),
    "manual": ("manual scheduling", "হাতে সূচি করা"),
    "manual_start": ("manual start", "হাতে দেওয়া শুরু"),
    "manual_finish": ("manual finish", "হাতে দেওয়া শেষ"),
    "active": ("active mark", "সক্রিয়তা"),
    "effort": ("kind of effort", "শ্রমের ধরন"),
    "effort_driven": ("effort-driven mark", "শ্রমনির্ভরতা"),
    "percent_complete": ("progress", "অগ্রগতি"),
    "physical_percent": ("physical progress", "ভৌত অগ্রগতি"),
    "percent_kind": ("measure of progress", "অগ্রগতির মাপ"),
    "remaining_minutes": ("remaining duration", "বাকি সময়কাল"),
    "stop": ("stop", "থামার সময়"),
    "resume": ("resumption", "আবার শুরুর সময়"),
    "splits": ("pauses", "বিরাম"),
    "priority": ("priority", "অগ্রাধিকার"),
    "leveling_delay_minutes": ("levelling delay", "সমতায়নের বিলম্ব"),
    "fixed_cost": ("fixed cost", "স্থির খরচ"),
    "fixed_cost_accrual": ("accrual of the fixed cost", "স্থির খরচ ধরার সময়"),
    "leveling_can_split": ("splitting by levelling", "লেভেলিংয়ে ভাগ করা"),
    "duration_estimate": ("range of the duration", "সময়কালের পরিসর"),
    "crash": ("faster ways", "দ্রুত করার উপায়"),
    "rain_stops_work": ("stopped by rain", "বৃষ্টিতে বন্ধ থাকে"),
    # of a link
    "predecessor_uid": ("predecessor", "পূর্ববর্তী কাজ"),
    "successor_uid": ("successor", "পরবর্তী কাজ"),
    "lag_minutes": ("lag", "বিরতি"),
    "lag_elapsed": ("elapsed lag", "একটানা বিরতি"),
    "lag_percent": ("lag in percent", "শতাংশে বিরতি"),
    "overlap": ("overlap", "সমান্তরাল অংশ"),
    # of a resource
    "max_units": ("most units", "সর্বোচ্চ একক"),
    "availability": ("availability", "প্রাপ্যতা"),
    "can_level": ("levelling", "লেভেলিং"),
    "skills": ("skills", "দক্ষতা"),
    "standard_rate": ("standard rate", "সাধারণ হার"),
    "overtime_rate": ("overtime rate", "অতিরিক্ত সময়ের হার"),
    "cost_per_use": ("cost per use", "প্রতি ব্যবহারে খরচ"),
    "accrual": ("accrual", "খরচ ধরার সময়"),
    "initials": ("initials", "আদ্যক্ষর"),
    "group": ("group", "দল"),
    "email": ("email", "ইমেইল"),
    "material_label": ("unit of the material", "উপকরণের একক"),
    # of an assignment
    "task_uid": ("task", "কাজ"),
    "resource_uid": ("resource", "রিসোর্স"),
    "units": ("units", "একক"),
    "delay_minutes": ("delay", "বিলম্ব"),
    "actual_work_minutes": ("actual work", "প্রকৃত শ্রম"),
    "remaining_work_minutes": ("remaining work", "বাকি শ্রম"),
    "cost": ("cost", "খরচ"),
    # of a calendar
    "base_uid": ("base calendar", "ভিত্তি ক্যালেন্ডার"),
    "week": ("working week", "কর্মসপ্তাহ"),
    "exceptions": ("holidays and exceptions", "ছুটি ও ব্যতিক্রম"),
    "work_weeks": ("other weeks", "অন্যান্য সপ্তাহ"),
    # of a risk
    "state": ("state", "অবস্থা"),
    "probability": ("probability", "সম্ভাবনা"),
    "task_uids": ("tasks", "কাজ"),
    "least_delay_minutes": ("least delay", "সর্বনিম্ন বিলম্ব"),
    "likely_delay_minutes": ("likely delay", "সম্ভাব্য বিলম্ব"),
    "most_delay_minutes": ("most delay", "সর্বোচ্চ বিলম্ব"),
    "least_cost": ("least cost", "সর্বনিম্ন খরচ"),
    "likely_cost": ("likely cost", "সম্ভাব্য খরচ"),
    "most_cost": ("most cost", "সর্বোচ্চ খরচ"),
    "owner": ("owner", "দায়িত্বপ্রাপ্ত"),
    "response": ("response", "প্রতিকার"),
    # of a baseline
    "taken_at": ("time it was taken", "নেওয়ার সময়"),
    "tasks": ("tasks", "কাজ"),
    "assignments": ("assignments", "বরাদ্দ"),
}
"""Of every kind; the same field means the same wherever it is."""

VALUES: Mapping[str, Pair] = {
    "microsoft": ("Microsoft Project", "মাইক্রোসফট প্রজেক্ট"),
    "primavera": ("Primavera P6", "প্রিমাভেরা পি৬"),
    "predecessor": ("of the predecessor", "পূর্ববর্তী কাজের"),
    "successor": ("of the successor", "পরবর্তী কাজের"),
    "project": ("of the project", "প্রকল্পের"),
    "elapsed": ("24 hours", "২৪ ঘণ্টা"),
    "retained_logic": ("retained logic", "যুক্তি বজায়"),
    "progress_override": ("progress override", "অগ্রগতি প্রধান"),
    "actual_dates": ("actual dates", "প্রকৃত তারিখ"),
    "total_slack": ("total slack", "মোট অবকাশ"),
    "longest_path": ("longest path", "দীর্ঘতম পথ"),
    "start": ("start", "শুরু"),
    "finish": ("finish", "শেষ"),
    "least": ("the lesser", "যেটি কম"),
    "task": ("task", "কাজ"),
    "resource_dependent": ("resource dependent", "রিসোর্সনির্ভর"),
    "level_of_effort": ("level of effort", "প্রচেষ্টার মাত্রা"),
    "wbs_summary": ("WBS summary", "ডব্লিউবিএস সারাংশ"),
    "start_milestone": ("start milestone", "শুরুর মাইলফলক"),
    "finish_milestone": ("finish milestone", "শেষের মাইলফলক"),
    "duration": ("duration", "সময়কাল"),
    "units": ("units", "একক"),
    "physical": ("physical", "ভৌত"),
    "prorated": ("prorated", "আনুপাতিক"),
    "end": ("at the end", "শেষে"),
    "ASAP": ("as soon as possible", "যত শীঘ্র সম্ভব"),
    "ALAP": ("as late as possible", "যত দেরিতে সম্ভব"),
    "SNET": ("start no earlier than", "এর আগে শুরু নয়"),
    "SNLT": ("start no later than", "এর পরে শুরু নয়"),
    "FNET": ("finish no earlier than", "এর আগে শেষ নয়"),
    "FNLT": ("finish no later than", "এর পরে শেষ নয়"),
    "MSO": ("must start on", "ঠিক এই দিনে শুরু"),
    "MFO": ("must finish on", "ঠিক এই দিনে শেষ"),
    "SO": ("start on", "এই দিনে শুরু"),
    "FO": ("finish on", "এই দিনে শেষ"),
    "FS": ("finish-start", "শেষ-শুরু"),
    "SS": ("start-start", "শুরু-শুরু"),
    "FF": ("finish-finish", "শেষ-শেষ"),
    "SF": ("start-finish", "শুরু-শেষ"),
    "fixed_units": ("fixed units", "স্থির একক"),
    "fixed_duration": ("fixed duration", "স্থির সময়কাল"),
    "fixed_work": ("fixed work", "স্থির শ্রম"),
    "work": ("work", "শ্রম"),
    "material": ("material", "উপকরণ"),
    "open": ("open", "খোলা"),
    "occurred": ("occurred", "ঘটেছে"),
    "closed": ("closed", "বন্ধ"),
    "cost": ("cost", "খরচ"),
}
"""Of the fields of `CHOSEN`."""

CHOSEN = frozenset(
    {
        *("kind", "schedule_from", "rules", "lag_calendar", "progress_logic", "critical_by", "slack_kind"),
        *("constraint", "second_constraint", "effort", "percent_kind", "accrual", "fixed_cost_accrual"),
        "state",
    }
)
"""Fields with a few values to choose from."""

REFERRING = frozenset(
    {"parent_uid", "task_uid", "predecessor_uid", "successor_uid", "resource_uid", "calendar_uid", "base_uid"}
)
"""Fields that say which other record; a name says more than the uid."""

UNTOLD = frozenset(
    {"notes", "position", "splits", "week", "exceptions", "work_weeks", "tasks", "assignments", "taken_at"}
)
"""Fields of which only is said that they changed."""

COMPUTED: Mapping[str, Pair] = {
    "levelling": ("levelling", "লেভেলিং"),
    "compression": ("compression", "সংক্ষেপণ"),
    "allocation": ("allocation", "রিসোর্স বরাদ্দ"),
    "alternative": ("alternative", "বিকল্প"),
}
"""What the optimizer proposes."""

MONTHS: tuple[Pair, ...] = (
    ("Jan", "জানুয়ারি"),
    ("Feb", "ফেব্রুয়ারি"),
    ("Mar", "মার্চ"),
    ("Apr", "এপ্রিল"),
    ("May", "মে"),
    ("Jun", "জুন"),
    ("Jul", "জুলাই"),
    ("Aug", "আগস্ট"),
    ("Sep", "সেপ্টেম্বর"),
    ("Oct", "অক্টোবর"),
    ("Nov", "নভেম্বর"),
    ("Dec", "ডিসেম্বর"),
)
