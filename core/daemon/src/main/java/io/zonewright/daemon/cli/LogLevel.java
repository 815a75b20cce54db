package io.zonewright.daemon.cli;

/** How much is logged. */
enum LogLevel {
    TRACE,
    DEBUG,
    INFO,
    WARN,
    ERROR
}
