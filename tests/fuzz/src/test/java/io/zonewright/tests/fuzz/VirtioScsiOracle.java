package io.zonewright.tests.fuzz;

import io.zonewright.testkit.scsi.virtio.ChainQueue;
import io.zonewright.testkit.scsi.virtio.VirtioScsi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Puts the commands of {@link ScsiOracle}, and functions of the control queue, into virtio-scsi requests, right and wrong,
 * and knows every byte of the response. Written from virtio 1.3, section 5.6.6.
 */
final class VirtioScsiOracle {
    private static final int NOT_THERE = 0x4001;
    private static final String NO_SUCH_UNIT = "5/25/00";
    private static final String INVALID_FIELD = "5/24/00";
    private static final String INVALID_MESSAGE = "5/49/00";
    private static final String UNIT_WAS_RESET = "6/29/03";
    private static final String NEXUS_WAS_LOST = "6/29/07";
    private static final int ACA = 3;
    private static final int CHECK_CONDITION = 2;
    private static final int MOST_EXTRA = 700;

    private final Random random;
    private final ScsiOracle commands;
    private final int cdbBytes;
    private final int senseBytes;
    /** What the next command hears instead of an answer. */
    private @Nullable String attention = "6/29/00";

    private long ids;

    /** @param cdbBytes 32 to 260 */
    VirtioScsiOracle(Random random, ScsiOracle commands, int cdbBytes, int senseBytes) {
        this.random = random;
        this.commands = commands;
        this.cdbBytes = cdbBytes;
        this.senseBytes = senseBytes;
    }

    /** A request and what has to come of it. */
    static final class Expected {
        private final String what;
        private final boolean control;
        private final byte[] out;
        private final int room;
        private final Check check;

        private Expected(String what, boolean control, byte[] out, int room, Check check) {
            this.what = what;
            this.control = control;
            this.out = out;
            this.room = room;
            this.check = check;
        }

        /** Whether it goes to the control queue. */
        boolean control() {
            return control;
        }

        byte[] out() {
            return out;
        }

        /** Bytes of the buffers that the device writes. */
        int room() {
            return room;
        }

        /** Fails unless the device answered exactly so. */
        void check(ChainQueue.Chain chain) {
            try {
                check.check(new Answer(chain.in(), chain.usedBytes()));
            } catch (AssertionError e) {
                throw new AssertionError(
                        e.getMessage() + ": " + what + ", " + out.length + " bytes, room for " + room, e);
            }
        }

        @Override
        public String toString() {
            return what;
        }
    }

    private interface Check {
        void check(Answer answer);
    }

    /** What the device wrote. */
    private static final class Answer {
        private final byte[] in;
        private final long used;

        Answer(byte[] in, long used) {
            this.in = in;
            this.used = used;
        }

        private void require(boolean holds, String what) {
            if (!holds) {
                throw new AssertionError("verdict: " + what + ", not "
                        + HexFormat.ofDelimiter(" ").formatHex(in, 0, Math.min(in.length, 40)) + ", used " + used);
            }
        }

        int response() {
            return in[11] & 0xFF;
        }

        int status() {
            return in[10] & 0xFF;
        }

        long residual() {
            return ByteBuffer.wrap(in).order(ByteOrder.LITTLE_ENDIAN).getInt(4) & 0xFFFF_FFFFL;
        }

        int senseLength() {
            return ByteBuffer.wrap(in).order(ByteOrder.LITTLE_ENDIAN).getInt(0);
        }

        void requireUntouched(int from) {
            for (int i = from; i < in.length; i++) {
                require((in[i] & 0xFF) == ChainQueue.UNTOUCHED, "byte " + i + " is left alone");
            }
        }

        void requireZeroes(int from, int to) {
            for (int i = from; i < to; i++) {
                require(in[i] == 0, "byte " + i + " is zero");
            }
        }

        /** No status: nothing but response and residual. */
        void requireWithoutStatus(int head, int response, long residual) {
            require(response() == response, "response " + response);
            require(residual() == residual, "residual " + residual);
            requireZeroes(0, 4);
            requireZeroes(8, 11);
            requireZeroes(VirtioScsi.RESPONSE_BYTES, head);
        }

        /** A status, and sense data that begins like this, or none. */
        void requireStatus(int head, String code) {
            require(response() == VirtioScsi.S_OK, "a status");
            requireZeroes(8, 10);
            if (code.equals("00")) {
                require(status() == 0 && senseLength() == 0, "GOOD");
            } else {
                int length = senseLength();
                require(status() == CHECK_CONDITION && length >= 18, "CHECK CONDITION");
                int at = VirtioScsi.RESPONSE_BYTES;
                String sense = String.format("%X/%02X/%02X ", in[at + 2], in[at + 12], in[at + 13])
                        + HexFormat.ofDelimiter(" ").formatHex(in, at, at + length);
                require(sense.startsWith(code), code);
            }
            requireZeroes(VirtioScsi.RESPONSE_BYTES + senseLength(), head);
        }
    }

    /** The next request; to be carried out before the one after it is asked for. */
    Expected next() {
        return attention == null ? any() : calm();
    }

    /** Hears what there is to hear. */
    Expected calm() {
        String heard = attention;
        attention = null;
        return plain(new byte[6], unit(), attribute(), heard == null ? "00" : heard);
    }

    private Expected any() {
        return switch (random.nextInt(14)) {
            case 0 -> function();
            case 1 -> notification();
            case 2 -> nobody();
            case 3 -> mistake();
            case 4 -> refused();
            default -> command(commands.next());
        };
    }

    /** The zones as the model has them. */
    Expected report() {
        return command(commands.report(0, 0, false, 1 << 12));
    }

    private int head() {
        return VirtioScsi.RESPONSE_BYTES + senseBytes;
    }

    private byte[] request(byte[] cdb, long lun, int attribute, byte... data) {
        byte[] request = VirtioScsi.command(lun, ids++, attribute, cdb, cdbBytes, data);
        // Priority and reference number mean nothing, nor does what stands behind a CDB.
        request[17] = (byte) random.nextInt();
        request[18] = (byte) random.nextInt();
        for (int i = VirtioScsi.REQUEST_BYTES + cdb.length; i < VirtioScsi.REQUEST_BYTES + cdbBytes; i++) {
            request[i] = (byte) random.nextInt();
        }
        return request;
    }

    /** Logical unit 0 in peripheral device or flat space addressing. */
    private long unit() {
        return VirtioScsi.lun(random.nextBoolean() ? 0 : 0x4000L << 48);
    }

    private int attribute() {
        return random.nextInt(ACA);
    }

    /** A command without data. */
    private Expected plain(byte[] cdb, long lun, int attribute, String code) {
        int head = head();
        return new Expected(describe(cdb) + " for " + code, false, request(cdb, lun, attribute), head, answer -> {
            answer.requireStatus(head, code);
            answer.require(answer.residual() == 0 && answer.used == head, "no residual");
        });
    }

    private static String describe(byte[] cdb) {
        return HexFormat.ofDelimiter(" ").formatHex(cdb);
    }

    private Expected command(ScsiOracle.Verdict verdict) {
        boolean sends = verdict.out().length > 0;
        if (sends
                && !exact(verdict)
                && random.nextInt(6) == 0
                && (verdict.code().equals("00") || verdict.code().startsWith("E/"))) {
            return tooLittle(verdict);
        }
        return sends ? sending(verdict) : receiving(verdict);
    }

    /** Whether it takes no other amount of data than its own: COMPARE AND WRITE, WRITE SAME (0154). */
    private static boolean exact(ScsiOracle.Verdict verdict) {
        int opcode = verdict.cdb()[0] & 0xFF;
        return opcode == 0x89 || opcode == 0x41 || opcode == 0x93;
    }

    /** Some of the data is missing: nothing is done. */
    private Expected tooLittle(ScsiOracle.Verdict verdict) {
        int length = random.nextInt(verdict.out().length);
        byte[] out = request(verdict.cdb(), unit(), attribute(), Arrays.copyOf(verdict.out(), length));
        int head = head();
        return new Expected(describe(verdict.cdb()) + " with too little", false, out, head, answer -> {
            answer.requireWithoutStatus(head, VirtioScsi.S_OVERRUN, length);
            answer.require(answer.used == head, "used " + head);
        });
    }

    private Expected sending(ScsiOracle.Verdict verdict) {
        boolean more = random.nextInt(4) == 0 && (verdict.code().equals("00") || !exact(verdict));
        int extra = more ? 1 + random.nextInt(MOST_EXTRA) : 0;
        byte[] data = Arrays.copyOf(verdict.out(), verdict.out().length + extra);
        String code = extra > 0 && exact(verdict) ? INVALID_FIELD : verdict.code();
        int head = head();
        return new Expected(
                describe(verdict.cdb()), false, request(verdict.cdb(), unit(), attribute(), data), head, answer -> {
                    answer.requireStatus(head, code);
                    answer.require(answer.used == head, "used " + head);
                    if (code.equals("00")) {
                        answer.require(answer.residual() == extra, "residual " + extra);
                        verdict.effect().run();
                    } else {
                        answer.require(answer.residual() <= data.length, "a residual of what was sent");
                    }
                });
    }

    private Expected receiving(ScsiOracle.Verdict verdict) {
        int extra = random.nextInt(4) == 0 ? random.nextInt(MOST_EXTRA) : 0;
        int offered = (int) verdict.offeredIn() + extra;
        int head = head();
        byte[] out = request(verdict.cdb(), unit(), attribute());
        return new Expected(describe(verdict.cdb()), false, out, head + offered, answer -> {
            byte[] data = verdict.data();
            if (!verdict.code().equals("00")) {
                answer.requireStatus(head, verdict.code());
                answer.require(answer.residual() == offered, "residual " + offered);
                answer.require(answer.used == head, "used " + head);
                return;
            }
            int wanted = wantedOfRead(verdict.cdb());
            long moved = extra > 0 && wanted > 0 ? Math.min(offered, wanted) : data == null ? 0 : data.length;
            if (wanted > offered) {
                answer.requireWithoutStatus(head, VirtioScsi.S_OVERRUN, 0);
            } else {
                answer.requireStatus(head, "00");
                answer.require(answer.residual() == offered - moved, "residual " + (offered - moved));
            }
            answer.require(answer.used == head + moved, "used " + (head + moved));
            if (data != null) {
                int end = head + data.length;
                byte[] came = Arrays.copyOfRange(answer.in, head, end);
                answer.require(
                        Arrays.equals(data, came), "other data from byte " + Arrays.mismatch(data, came) + " on");
            }
            answer.requireUntouched((int) (head + moved));
            verdict.effect().run();
        });
    }

    /** Bytes that a read transfers; 0 for all other commands, which demand none. */
    private static int wantedOfRead(byte[] cdb) {
        ByteBuffer fields = ByteBuffer.wrap(cdb);
        int blocks = switch (cdb[0] & 0xFF) {
            case 0x08 -> cdb[4] == 0 ? 256 : cdb[4] & 0xFF;
            case 0x28 -> fields.getShort(7) & 0xFFFF;
            case 0xA8 -> fields.getInt(6);
            case 0x88 -> fields.getInt(10);
            case 0x7F -> fields.getShort(8) == 0x09 ? fields.getInt(28) : 0;
            default -> 0;
        };
        return blocks * ScsiOracle.BLOCK;
    }

    /** For a target that is not there. */
    private Expected nobody() {
        long[] fields = {
            0x0101_4000L << 32, 0x0200_4000L << 32, 0, 0xC102L << 48, VirtioScsi.lun(0) | 1L << random.nextInt(32)
        };
        byte[] data = new byte[random.nextInt(3) * 512];
        byte[] out = request(commands.next().cdb(), fields[random.nextInt(fields.length)], random.nextInt(256), data);
        return withoutStatus("for nobody", out, data.length, 0, VirtioScsi.S_BAD_TARGET);
    }

    /** Data both ways, or an attribute that there is not. */
    private Expected mistake() {
        byte[] cdb = commands.next().cdb();
        if (random.nextBoolean()) {
            byte[] data = new byte[1 + random.nextInt(MOST_EXTRA)];
            int in = 1 + random.nextInt(MOST_EXTRA);
            return withoutStatus(
                    "both ways", request(cdb, unit(), attribute(), data), data.length, in, VirtioScsi.S_FAILURE);
        }
        int attribute = ACA + 1 + random.nextInt(256 - ACA - 1);
        return withoutStatus("attribute " + attribute, request(cdb, unit(), attribute), 0, 0, VirtioScsi.S_FAILURE);
    }

    private Expected withoutStatus(String what, byte[] out, int sent, int in, int response) {
        int head = head();
        return new Expected(what, false, out, head + in, answer -> {
            answer.requireWithoutStatus(head, response, (long) sent + in);
            answer.require(answer.used == head, "used " + head);
            answer.requireUntouched(head);
        });
    }

    /** For a logical unit that is not there, or with an attribute that is not offered. */
    private Expected refused() {
        byte[] testUnitReady = new byte[6];
        return random.nextBoolean()
                ? plain(testUnitReady, VirtioScsi.lun((long) NOT_THERE << 48), attribute(), NO_SUCH_UNIT)
                : plain(testUnitReady, unit(), ACA, INVALID_MESSAGE);
    }

    // The control queue ------------------------------------------------------------------------------------------

    /** With nothing in flight. */
    private Expected function() {
        int subtype = random.nextInt(5) == 0 ? random.nextInt() : random.nextInt(9);
        boolean known = subtype >= 0 && subtype <= VirtioScsi.TMF_QUERY_TASK_SET;
        int place = random.nextInt(6);
        long lun = switch (place) {
            case 0 -> 0x0101_4000L << 32;
            case 1 -> VirtioScsi.lun((long) NOT_THERE << 48);
            default -> unit();
        };
        int response;
        if (place == 0) {
            response = VirtioScsi.S_BAD_TARGET;
        } else if (!known) {
            response = VirtioScsi.S_FUNCTION_REJECTED;
        } else if (place == 1 && subtype != VirtioScsi.TMF_I_T_NEXUS_RESET) {
            response = VirtioScsi.S_INCORRECT_LUN;
        } else if (subtype == VirtioScsi.TMF_CLEAR_ACA) {
            response = VirtioScsi.S_FUNCTION_REJECTED;
        } else {
            response = VirtioScsi.S_OK;
            if (subtype == VirtioScsi.TMF_LOGICAL_UNIT_RESET) {
                attention = UNIT_WAS_RESET;
            } else if (subtype == VirtioScsi.TMF_I_T_NEXUS_RESET) {
                attention = NEXUS_WAS_LOST;
            }
        }
        byte[] out = VirtioScsi.function(subtype, lun, random.nextBoolean() ? ids - 1 : random.nextLong());
        return control("function " + subtype, longer(out), 0, response);
    }

    private Expected notification() {
        int type = random.nextInt(4) == 0 ? 3 + random.nextInt(1 << 20) : 1 + random.nextInt(2);
        boolean there = random.nextInt(4) != 0;
        byte[] out = longer(VirtioScsi.notification(type, there ? unit() : 0x0101_4000L << 32, random.nextInt()));
        if (type > VirtioScsi.T_AN_SUBSCRIBE) {
            return control("control type " + type, out, 0, VirtioScsi.S_FUNCTION_REJECTED);
        }
        return control("notification", out, 4, there ? VirtioScsi.S_OK : VirtioScsi.S_BAD_TARGET);
    }

    /** What stands behind a request means nothing. */
    private byte[] longer(byte[] out) {
        return random.nextInt(4) == 0 ? Arrays.copyOf(out, out.length + 1 + random.nextInt(40)) : out;
    }

    private Expected control(String what, byte[] out, int zeroes, int response) {
        int room = zeroes + 1 + (random.nextInt(4) == 0 ? random.nextInt(30) : 0);
        return new Expected(what, true, out, room, answer -> {
            answer.requireZeroes(0, zeroes);
            answer.require((answer.in[zeroes] & 0xFF) == response, "response " + response);
            answer.require(answer.used == zeroes + 1, "used " + (zeroes + 1));
            answer.requireUntouched(zeroes + 1);
        });
    }
}
