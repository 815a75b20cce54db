package io.zonewright.testkit.scsi;

import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What a command ended with.
 *
 * @param response the carrier's own answer; 0 if the target carried the command to its end, and only then the rest counts
 * @param status SAM status byte, see {@link Scsi#GOOD}
 * @param senseBytes autosense; empty if there was none
 * @param in data that the target sent, in its place; as long as what the carrier says was transferred
 * @param residual bytes: how much less (positive) was transferred than the carrier was told, or how much more (negative) the
 *     CDB asked for than that
 */
@SuppressWarnings("ArrayRecordComponent") // bytes off the wire; nobody compares results as wholes
public record ScsiResult(int response, int status, byte[] senseBytes, byte[] in, long residual) {
    /** Whether it was done: GOOD, and nothing wrong with the carrier. */
    public boolean good() {
        return response == 0 && status == Scsi.GOOD;
    }

    /** The sense data, decoded; null if there is none. */
    public @Nullable ScsiSense sense() {
        return ScsiSense.parse(senseBytes);
    }

    /**
     * One number for the whole: 0 for GOOD; for CHECK CONDITION the sense code, see {@link ScsiSense#code}; another status
     * {@code status << 24}; and {@code 1 << 31 | response} if the carrier did not get that far.
     */
    public int code() {
        if (response != 0) {
            return 1 << 31 | response;
        }
        if (status != Scsi.CHECK_CONDITION) {
            return status << 24;
        }
        ScsiSense sense = sense();
        if (sense == null) {
            throw new IllegalStateException("CHECK CONDITION without sense data");
        }
        return sense.code();
    }

    @Override
    public String toString() {
        return "response " + response + " status 0x" + Integer.toHexString(status) + " sense ["
                + (senseBytes.length == 0 ? "" : sense() + ", " + HexFormat.of().formatHex(senseBytes)) + "] in "
                + in.length + " residual " + residual;
    }
}
