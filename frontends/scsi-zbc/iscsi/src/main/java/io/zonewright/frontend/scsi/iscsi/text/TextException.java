package io.zonewright.frontend.scsi.iscsi.text;

/** A peer's text breaks the format. No stack trace: what peers send must not cost much. */
public final class TextException extends Exception {
    private static final long serialVersionUID = 1;

    TextException(String message) {
        super(message, null, false, false);
    }
}
