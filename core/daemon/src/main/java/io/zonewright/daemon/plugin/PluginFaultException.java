package io.zonewright.daemon.plugin;

/** A plugin cannot be used; the message says in one sentence why and what to do. */
final class PluginFaultException extends Exception {
    private static final long serialVersionUID = 1;

    PluginFaultException(String message) {
        super(message);
    }

    PluginFaultException(String message, Throwable cause) {
        super(message, cause);
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
