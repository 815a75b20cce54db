package io.zonewright.frontend.scsi.iscsi.text;

/**
 * One {@code key=value}.
 *
 * @param key 1 to 63 characters
 * @param value may be empty
 */
public record KeyValue(String key, String value) {}
