"""Write what the protocols want to be told: capabilities, tables, availability (VOSI 1.1), jobs."""

from typing import Any, Literal

from pydantic import AnyUrl
from vo_models.tapregext.models import (
    DataLimit,
    DataLimits,
    DataModelType,
    Language,
    LanguageFeature,
    LanguageFeatureList,
    OutputFormat,
    TableAccess,
    TimeLimits,
    Version,
)
from vo_models.uws.models import (
    ErrorSummary,
    JobSummary,
    Parameter,
    Parameters,
    ResultReference,
    Results,
    ShortJobDescription,
)
from vo_models.uws.models import Jobs as JobList
from vo_models.uws.types import ErrorType
from vo_models.uws.types import ExecutionPhase as Phase
from vo_models.vodataservice.models import (
    FKColumn,
    ForeignKey,
    ParamHTTP,
    TableParam,
    TableSchema,
)
from vo_models.vodataservice.models import Table as VoTable
from vo_models.voresource.models import AccessURL, Capability
from vo_models.vosi.availability.models import Availability
from vo_models.vosi.capabilities.models import VOSICapabilities
from vo_models.vosi.tables.models import VOSITableSet

from hstql_resources.tables import obscore
from hstql_web.tap import schema
from hstql_web.tap.answers import DEFAULT_ROWS, FORMS, MOST_ROWS
from hstql_web.tap.jobs import KEPT_FOR, LIMIT_S, Job

_VOSI = "ivo://ivoa.net/std/VOSI"
_GEOMETRY = ("POINT", "CIRCLE", "CONTAINS", "DISTANCE")


class TapParameters(Parameters):
    """The parameters of a job, as TAP has them."""

    request: Parameter | None = None
    lang: Parameter | None = None
    query: Parameter | None = None
    maxrec: Parameter | None = None
    responseformat: Parameter | None = None
    format: Parameter | None = None
    runid: Parameter | None = None


def write(document: Any, *, skip_empty: bool = True) -> bytes:
    """Return a document as XML."""
    return bytes(document.to_xml(skip_empty=skip_empty, encoding="utf-8", standalone=True))


def describe_service(base: str) -> bytes:
    """Return the capabilities of a service at an address."""
    features = [LanguageFeature(form=name) for name in _GEOMETRY]
    adql = Language(
        name="ADQL",
        version=[Version(value="2.0", ivo_id="ivo://ivoa.net/std/ADQL#v2.0")],
        description="ADQL 2.0",
        language_features=[
            LanguageFeatureList(
                type="ivo://ivoa.net/std/TAPRegExt#features-adqlgeo", feature=features
            )
        ],
    )
    limits = DataLimits(
        default=DataLimit(unit="row", value=DEFAULT_ROWS),
        hard=DataLimit(unit="row", value=MOST_ROWS),
    )
    tap = TableAccess(
        interface=[_interface(base, "std")],
        data_model=[DataModelType(ivo_id=obscore.UTYPE, value="ObsCore-1.1")],
        language=[adql],
        output_format=[OutputFormat(mime=mime.partition(";")[0], alias=[name])
                       for name, mime in FORMS.items()],
        retention_period=TimeLimits(default=round(KEPT_FOR.total_seconds())),
        execution_duration=TimeLimits(default=LIMIT_S, hard=LIMIT_S),
        output_limit=limits,
    )  # fmt: skip
    others = [
        Capability(
            standard_id=AnyUrl(f"{_VOSI}#{name}"), interface=[_interface(f"{base}/{name}", None)]
        )
        for name in ("capabilities", "availability", "tables")
    ]
    return write(VOSICapabilities(capability=[tap, *others]))


def _interface(address: str, role: str | None) -> ParamHTTP:
    use: Literal["base", "full"] = "base" if role else "full"
    return ParamHTTP(role=role, version="1.1" if role else None,
                     access_url=[AccessURL(use=use, value=AnyUrl(address))])  # fmt: skip


def describe_tables() -> bytes:
    """Return the tables that may be asked for."""
    schemas = [
        TableSchema(
            schema_name=name, description=about,
            table=[_describe_table(one) for one in schema.TABLES.values() if one.schema == name],
        )
        for name, about in schema.SCHEMAS.items()
    ]  # fmt: skip
    return write(VOSITableSet(tableset_schema=schemas))


def _describe_table(table: schema.Table) -> VoTable:
    columns = [
        TableParam(
            column_name=one.name, description=one.about or None, unit=one.unit, ucd=one.ucd or None,
            utype=one.utype or None, datatype=schema.DATATYPES[one.kind],
            arraysize="*" if one.kind is str else None,
            principal=schema.is_standard(table, one), std=schema.is_standard(table, one),
            indexed=one.name in schema.INDEXED,
        )
        for one in table.columns
    ]  # fmt: skip
    keys = [
        ForeignKey(
            target_table=target,
            fk_column=[FKColumn(from_column=column, target_column=other)],
        )
        for source, column, target, other in schema.KEYS
        if source == table.full_name
    ]
    return VoTable(
        table_type="view", table_name=table.full_name, description=table.about,
        utype=table.utype or None, column=columns, foreign_key=keys,
    )  # fmt: skip


def say_available() -> bytes:
    """Return that the service is there."""
    return write(Availability(available=True))


def describe_job(job: Job, base: str) -> bytes:
    """Return a job whose address is in a base."""
    results = [
        ResultReference(id="result", href=f"{base}/{job.number}/results/result", mime_type=None)
    ] if job.phase is Phase.COMPLETED else []  # fmt: skip
    error = ErrorSummary(message=job.error, type=ErrorType.FATAL, has_detail=True)
    given = {
        name.lower(): Parameter(id=name, value=value)
        for name, value in job.parameters.items()
        if name.lower() in TapParameters.model_fields
    }
    summary = JobSummary[TapParameters](
        job_id=job.number, owner_id=job.person, phase=job.phase, run_id=job.parameters.get("RUNID"),
        creation_time=job.created, start_time=job.started, end_time=job.ended,
        execution_duration=LIMIT_S, destruction=job.created + KEPT_FOR,
        parameters=TapParameters(**given), results=Results(results=results),
        error_summary=error if job.error else None,
    )  # fmt: skip
    return write(summary, skip_empty=False)


def list_jobs(jobs: list[Job], base: str) -> bytes:
    """Return jobs whose addresses are in a base."""
    references = [
        ShortJobDescription(job_id=one.number, phase=one.phase, creation_time=one.created,
                            owner_id=one.person, href=f"{base}/{one.number}")
        for one in jobs
    ]  # fmt: skip
    return write(JobList(jobref=references), skip_empty=False)
