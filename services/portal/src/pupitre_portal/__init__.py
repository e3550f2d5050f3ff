"""The HTTP side of Pupitre: web pages and API over the services' calls. It owns no data and decides nothing."""
