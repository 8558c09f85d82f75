"""One company's books inside the ledger: records, versions, change log, notifications."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from connectors.sandbox_kit.ledger import Ledger
from connectors.sandbox_kit.vendor import DUPLICATE_WEBHOOK, FORGED_WEBHOOK, WebhookMessage
from connectors.sandbox_kit.webhooks import signature
from ipaas.core import jsonio

PACIFIC = timezone(timedelta(hours=-7))
_SEED = Path(__file__).parent / "seed"
_FIELDS = Path(__file__).parent / "fields"
_TRANSACTIONS = ("sales", "purchase", "payment", "journal", "deposit")
_PAST = {
    "Create": "created",
    "Update": "updated",
    "Delete": "deleted",
    "Void": "voided",
    "Emailed": "emailed",
}
SILENT = ("TaxCode", "TaxRate", "CompanyInfo", "Attachable")


@cache
def seed_file(name: str) -> Any:
    """Parsed file of the seed folder; decimals are exact. Not to be changed by the caller."""
    return jsonio.loads((_SEED / name).read_bytes())


@dataclass(frozen=True, slots=True)
class EntityRules:
    """What the sandbox knows of an entity: kind, fields with their types, what it is found by."""

    name: str
    kind: str
    fields: Mapping[str, str]
    filterable: frozenset[str]
    keys: tuple[str, ...]

    @property
    def is_transaction(self) -> bool:
        """Whether it moves money or promises to, so that it can be deleted."""
        return self.kind in _TRANSACTIONS


@cache
def rules() -> dict[str, EntityRules]:
    """Rules by lower-case entity name."""
    return {
        name.lower(): EntityRules(
            name, row["class"], row["fields"], frozenset(row["filter"]), tuple(row["keys"])
        )
        for file in sorted(_FIELDS.glob("*.json"))
        for name, row in jsonio.loads(file.read_bytes()).items()
    }


def read_path(record: Mapping[str, Any], path: str) -> Any:
    """Value at a dotted path; a reference gives its id, an e-mail object its address."""
    value: Any = record
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if isinstance(value, Mapping):
        for inner in ("value", "Address", "FreeFormNumber", "URI"):
            if inner in value:
                return value[inner]
    return value


@dataclass(frozen=True, slots=True)
class Company:
    """The books of one realm."""

    ledger: Ledger
    realm: str

    def time_text(self) -> str:
        """Now, as responses write it."""
        return self.ledger.now().astimezone(PACIFIC).isoformat(timespec="milliseconds")

    def today(self) -> str:
        return self.ledger.now().astimezone(PACIFIC).date().isoformat()

    def info(self) -> dict[str, Any]:
        found = self.get("CompanyInfo", self.realm)
        if found is None:
            raise LookupError(f"no company {self.realm}")
        return found

    @property
    def is_us(self) -> bool:
        return bool(self.info()["Country"] == "US")

    def get(self, entity: str, record_id: Any) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self.ledger.get(entity, str(record_id), scope=self.realm)
        return found

    def find(self, entity: str, key: str, value: Any) -> list[Any]:
        return self.ledger.find(entity, key, value, scope=self.realm)

    def all(self, entity: str) -> list[Any]:
        return self.ledger.all(entity, scope=self.realm)

    def next_id(self, entity: str) -> str:
        """Transactions share one counter, each list has its own."""
        series = "Txn" if rules()[entity.lower()].is_transaction else entity
        return str(self.ledger.next_number(f"{self.realm}:{series}"))

    def add(self, entity: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Keep a new record with id, version 0 and times."""
        now = self.ledger.now().astimezone(PACIFIC).isoformat(timespec="seconds")
        record = {
            **body,
            "domain": "QBO",
            "sparse": False,
            "Id": self.next_id(entity),
            "SyncToken": "0",
            "MetaData": {"CreateTime": now, "LastUpdatedTime": now},
        }
        self.store(entity, record)
        self._notify(entity, record["Id"], "Create")
        return record

    def change(
        self, entity: str, body: Mapping[str, Any], operation: str = "Update"
    ) -> dict[str, Any]:
        """Keep the next version of a record."""
        now = self.ledger.now().astimezone(PACIFIC).isoformat(timespec="seconds")
        record = {
            **body,
            "sparse": False,
            "SyncToken": str(int(body["SyncToken"]) + 1),
            "MetaData": {**body["MetaData"], "LastUpdatedTime": now},
        }
        self.store(entity, record)
        self._notify(entity, record["Id"], operation)
        return record

    def store(self, entity: str, record: Mapping[str, Any]) -> None:
        """Write without a new version (seed, balances)."""
        keys = {path: read_path(record, path) for path in rules()[entity.lower()].keys}
        changed = datetime.fromisoformat(record["MetaData"]["LastUpdatedTime"])
        keys["updated"] = changed.astimezone(UTC).isoformat()
        self.ledger.put(entity, record["Id"], record, keys=keys, scope=self.realm)

    def touch(self, entity: str, record: Mapping[str, Any]) -> None:
        """Keep a side effect of another record: newer, but no new version and no message."""
        now = self.ledger.now().astimezone(PACIFIC).isoformat(timespec="seconds")
        self.store(entity, {**record, "MetaData": {**record["MetaData"], "LastUpdatedTime": now}})

    def delete(self, entity: str, record: Mapping[str, Any]) -> None:
        """Remove a record; a stub stays for change data capture."""
        now = self.ledger.now().astimezone(PACIFIC).isoformat(timespec="seconds")
        self.ledger.remove(entity, record["Id"], scope=self.realm)
        stub = {
            "domain": "QBO",
            "status": "Deleted",
            "Id": record["Id"],
            "MetaData": {"LastUpdatedTime": now},
        }
        self.ledger.put(
            f"_deleted_{entity}",
            record["Id"],
            stub,
            keys={"updated": datetime.fromisoformat(now).astimezone(UTC).isoformat()},
            scope=self.realm,
        )
        self._notify(entity, record["Id"], "Delete")

    def changed_since(self, entity: str, moment: datetime) -> list[Any]:
        since = moment.astimezone(UTC).isoformat()
        return [
            *self.ledger.find_from(entity, "updated", since, scope=self.realm),
            *self.ledger.find_from(f"_deleted_{entity}", "updated", since, scope=self.realm),
        ]

    def _notify(self, entity: str, record_id: str, operation: str) -> None:
        """Promise a webhook (fact sheet A8) to every receiver in the settings."""
        targets = self.ledger.setting("webhooks")
        if not targets or entity in SILENT:
            return
        now = self.ledger.now()
        document: Any
        if self.ledger.setting("webhook_format") == "cloudevents":
            document = [
                {
                    "specversion": "1.0",
                    "id": str(uuid4()),
                    "source": "intuit.sandbox",
                    "type": f"qbo.{entity.lower()}.{_PAST[operation]}.v1",
                    "datacontenttype": "application/json",
                    "time": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                    "intuitentityid": record_id,
                    "intuitaccountid": self.realm,
                    "data": {},
                }
            ]
        else:
            change = {
                "name": entity,
                "id": record_id,
                "operation": operation,
                # Whole seconds, as in MetaData.LastUpdatedTime of the record.
                "lastUpdated": now.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            }
            document = {
                "eventNotifications": [
                    {"realmId": self.realm, "dataChangeEvent": {"entities": [change]}}
                ]
            }
        body = jsonio.dumps(document)
        for target in targets:
            verifier = target.get("secret") or self.ledger.setting("verifier_token")
            if self.ledger.faults.take(FORGED_WEBHOOK.name):
                verifier += "-forged"
            headers = {
                "Content-Type": "application/json",
                "intuit-signature": signature(verifier, body),
                "intuit-notification-schema-version": "0.1",
                "intuit-t-id": str(uuid4()),
            }
            message = WebhookMessage(target["url"], headers, body)
            self.ledger.enqueue(message)
            if self.ledger.faults.take(DUPLICATE_WEBHOOK.name):
                self.ledger.enqueue(message)
