package io.zonewright.frontend.scsi.command.reservation;

import org.jspecify.annotations.Nullable;

/** Persistent reservation types (SPC-5, "Persistent reservations type"). */
enum ReservationType {
    WRITE_EXCLUSIVE(0x1, false, false, false),
    EXCLUSIVE_ACCESS(0x3, true, false, false),
    WRITE_EXCLUSIVE_REGISTRANTS_ONLY(0x5, false, true, false),
    EXCLUSIVE_ACCESS_REGISTRANTS_ONLY(0x6, true, true, false),
    WRITE_EXCLUSIVE_ALL_REGISTRANTS(0x7, false, true, true),
    EXCLUSIVE_ACCESS_ALL_REGISTRANTS(0x8, true, true, true);

    private static final ReservationType[] ALL = values();

    private final int code;
    private final boolean exclusiveAccess;
    private final boolean registrantsMay;
    private final boolean allRegistrants;

    ReservationType(int code, boolean exclusiveAccess, boolean registrantsMay, boolean allRegistrants) {
        this.code = code;
        this.exclusiveAccess = exclusiveAccess;
        this.registrantsMay = registrantsMay;
        this.allRegistrants = allRegistrants;
    }

    /** The type with this number, or null. */
    static @Nullable ReservationType of(int code) {
        for (ReservationType type : ALL) {
            if (type.code == code) {
                return type;
            }
        }
        return null;
    }

    int code() {
        return code;
    }

    /** Whether others may not even read. */
    boolean exclusiveAccess() {
        return exclusiveAccess;
    }

    /** Whether every registrant may do what the holder may. */
    boolean registrantsMay() {
        return registrantsMay;
    }

    /** Whether every registrant holds it. */
    boolean allRegistrants() {
        return allRegistrants;
    }
}
