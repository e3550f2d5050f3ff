"""The settings of invoicing."""

from pupitre_bus.settings import Setting

SETTINGS = (
    Setting(
        "PUPITRE_ENGINE_WORKERS", "2", "Processes that check and render invoices; one per core is enough.", parse=int
    ),
    Setting("PUPITRE_ENGINE_TIMEOUT", "30", "Seconds that one file may take to be checked or rendered.", parse=int),
    Setting(
        "PUPITRE_PAYMENT_RULES",
        "",
        "TOML file of payment delays, moratory rates and indemnities, instead of the one that comes with invoicing.",
    ),
    Setting(
        "PUPITRE_RETENTION_RULES",
        "",
        "TOML file of how long invoices are kept, instead of the one that comes with invoicing.",
    ),
    Setting(
        "PUPITRE_PLATFORM_SIRET",
        "",
        "SIRET of the structure of the platform's operator, which has the roles that espaces keep for it: deciding on connections,"
        " answering as the support. Empty: requests that need it cannot be sent.",
    ),
    Setting("PUPITRE_ENGINE_MEMORY_MB", "1536", "Memory that one of these processes may use.", parse=int),
)
