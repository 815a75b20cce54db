package io.zonewright.frontend.nvme.command;

import static io.zonewright.frontend.nvme.command.CommandSet.ADMIN;
import static io.zonewright.frontend.nvme.command.CommandSet.NVM;
import static io.zonewright.frontend.nvme.command.CommandSet.ZNS;

/**
 * Every command that Zonewright knows: the one table from which dispatch, validation of the namespace identifier and
 * the Commands Supported and Effects log are made (Base 2.0 "Admin Command Set" and "Commands Supported and Effects";
 * NVM Command Set 1.0; Zoned Namespace Command Set 1.1). Whether a controller offers a command is decided by
 * {@link OpcodeTable}.
 */
public enum NvmeOpcode {
    DELETE_IO_SUBMISSION_QUEUE(ADMIN, 0x00, Nsid.UNUSED, Effect.NONE),
    CREATE_IO_SUBMISSION_QUEUE(ADMIN, 0x01, Nsid.UNUSED, Effect.NONE),
    GET_LOG_PAGE(ADMIN, 0x02, Nsid.OWN_RULE, Effect.NONE),
    DELETE_IO_COMPLETION_QUEUE(ADMIN, 0x04, Nsid.UNUSED, Effect.NONE),
    CREATE_IO_COMPLETION_QUEUE(ADMIN, 0x05, Nsid.UNUSED, Effect.NONE),
    IDENTIFY(ADMIN, 0x06, Nsid.OWN_RULE, Effect.NONE),
    ABORT(ADMIN, 0x08, Nsid.UNUSED, Effect.NONE),
    SET_FEATURES(ADMIN, 0x09, Nsid.OWN_RULE, Effect.CONTROLLER),
    GET_FEATURES(ADMIN, 0x0A, Nsid.OWN_RULE, Effect.NONE),
    ASYNCHRONOUS_EVENT_REQUEST(ADMIN, 0x0C, Nsid.UNUSED, Effect.NONE),
    KEEP_ALIVE(ADMIN, 0x18, Nsid.UNUSED, Effect.NONE),
    DOORBELL_BUFFER_CONFIG(ADMIN, 0x7C, Nsid.UNUSED, Effect.NONE),
    FABRICS(ADMIN, 0x7F, Nsid.OWN_RULE, Effect.NONE),

    FLUSH(NVM, 0x00, Nsid.ONE_OR_ALL, Effect.NONE),
    WRITE(NVM, 0x01, Nsid.ONE, Effect.CONTENT),
    READ(NVM, 0x02, Nsid.ONE, Effect.NONE),
    COMPARE(NVM, 0x05, Nsid.ONE, Effect.NONE),
    WRITE_ZEROES(NVM, 0x08, Nsid.ONE, Effect.CONTENT),
    DATASET_MANAGEMENT(NVM, 0x09, Nsid.ONE, Effect.CONTENT),
    VERIFY(NVM, 0x0C, Nsid.ONE, Effect.NONE),

    ZONE_MANAGEMENT_SEND(ZNS, 0x79, Nsid.ONE, Effect.CONTENT),
    ZONE_MANAGEMENT_RECEIVE(ZNS, 0x7A, Nsid.ONE, Effect.NONE),
    ZONE_APPEND(ZNS, 0x7D, Nsid.ONE, Effect.CONTENT);

    /** What a command's NSID field may hold (Base 2.0, "Namespace Identifier Usage"). */
    public enum Nsid {
        /** Not used; anything but 0 is an invalid field. */
        UNUSED,
        /** One active namespace of the command's set. */
        ONE,
        /** One active namespace, or FFFFFFFFh for all. */
        ONE_OR_ALL,
        /** The command's handler decides. */
        OWN_RULE
    }

    /** What a command may change, as the effects log tells it. */
    public enum Effect {
        /** Nothing. */
        NONE(0),
        /** Logical block content (LBCC). */
        CONTENT(1 << 1),
        /** Controller capabilities (CCC). */
        CONTROLLER(1 << 4);

        private final int bits;

        Effect(int bits) {
            this.bits = bits;
        }

        /** Its bits in a Commands Supported and Effects data structure. */
        public int bits() {
            return bits;
        }
    }

    private final CommandSet set;
    private final int code;
    private final Nsid nsid;
    private final Effect effect;

    NvmeOpcode(CommandSet set, int code, Nsid nsid, Effect effect) {
        this.set = set;
        this.code = code;
        this.nsid = nsid;
        this.effect = effect;
    }

    /** The command set that defines it. The NVM ones belong to the Zoned Namespace set too. */
    public CommandSet set() {
        return set;
    }

    /** The opcode, 0 to FFh. Bits 1:0 tell the data's direction. */
    public int code() {
        return code;
    }

    public Nsid nsid() {
        return nsid;
    }

    public Effect effect() {
        return effect;
    }
}
