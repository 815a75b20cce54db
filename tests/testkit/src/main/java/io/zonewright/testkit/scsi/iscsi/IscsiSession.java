package io.zonewright.testkit.scsi.iscsi;

import io.zonewright.testkit.scsi.ScsiFlight;
import io.zonewright.testkit.scsi.ScsiHost;
import io.zonewright.testkit.scsi.ScsiRequest;
import io.zonewright.testkit.scsi.ScsiResult;
import io.zonewright.testkit.scsi.TargetGoneException;
import io.zonewright.testkit.scsi.TaskFunction;
import io.zonewright.testkit.scsi.TaskFunctionAnswer;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A session with one connection. It checks what a kernel does not: StatSN without gaps, DataSN and R2TSN, offsets, lengths of
 * bursts, residual counts, the command window. NOPs of the target are answered. For one thread at a time.
 */
public final class IscsiSession implements ScsiHost {
    private static final int READ = 0x40;
    private static final int WRITE = 0x20;
    private static final int STATUS = 0x01;
    private static final int UNDERFLOW = 0x02;
    private static final int OVERFLOW = 0x04;
    private static final int CDB_BYTES = 16;
    private static final int DATA_MILLIS = 500;
    private static final byte[] NONE = {};

    /** A command of this session. */
    public static final class Flight extends ScsiFlight {
        private final byte[] in;
        private int received;
        private int dataSn;
        private int burst;
        private int r2tSn;
        private int solicited;
        private int open;

        private Flight(ScsiRequest request, int itt) {
            super(request, itt & 0xFFFF_FFFFL);
            in = new byte[request.inBytes()];
        }

        /** Initiator Task Tag. */
        public int itt() {
            return (int) tag();
        }

        private void finish(ScsiResult result) {
            end(result);
        }
    }

    private final IscsiConnection connection;
    private final IscsiOptions options;
    private final IscsiParameters parameters;
    private final Map<String, String> answered;
    private final int tsih;
    private final Map<Integer, Flight> flights = new HashMap<>();
    private final ArrayDeque<IscsiPdu> heldR2ts = new ArrayDeque<>();
    private final ArrayDeque<IscsiPdu> others = new ArrayDeque<>();
    private final List<IscsiPdu> asyncMessages = new ArrayList<>();
    private int cmdSn;
    private int expStatSn;
    private int maxCmdSn;
    private int expCmdSn;
    private int nextTask = 0x1_0000;
    private boolean holdsR2ts;

    private IscsiSession(IscsiConnection connection, IscsiOptions options, IscsiLogin login) {
        this.connection = connection;
        this.options = options;
        parameters = login.parameters();
        answered = login.answered();
        IscsiPdu last = login.last();
        tsih = last.u16(14);
        if (tsih == 0) {
            throw new IllegalStateException("the target gave the session no handle: " + last);
        }
        cmdSn = options.firstCmdSn();
        expStatSn = last.sn() + 1;
        expCmdSn = last.expected();
        maxCmdSn = last.maxCmdSn();
        if (expCmdSn != cmdSn) {
            throw new IllegalStateException("after the login the target expects CmdSN " + expCmdSn);
        }
    }

    /**
     * Connects and logs in.
     *
     * @param target its name; empty for a discovery session
     * @throws TargetGoneException if the target refuses
     */
    public static IscsiSession connect(InetSocketAddress address, String target, IscsiOptions options) {
        IscsiConnection connection = IscsiConnection.connect(address);
        try {
            IscsiLogin login = new IscsiLogin(connection, options);
            login.run(target);
            return new IscsiSession(connection, options, login);
        } catch (RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /** A session over a connection that a test logged in by itself. */
    public static IscsiSession over(IscsiConnection connection, IscsiOptions options, IscsiLogin login) {
        return new IscsiSession(connection, options, login);
    }

    /** A discovery session: the targets and their addresses, as {@code SendTargets=All} tells them. */
    public static List<Map.Entry<String, String>> discover(InetSocketAddress address, IscsiOptions options) {
        Map<String, String> keys = Map.of("HeaderDigest", "None", "DataDigest", "None");
        try (IscsiSession session = connect(address, "", options.with(keys))) {
            List<Map.Entry<String, String>> targets = IscsiText.pairs(session.text(Map.of("SendTargets", "All")));
            session.logout(0);
            return targets;
        }
    }

    // --- state -------------------------------------------------------------------------------------------------------

    /** The connection, for PDUs of the test's own. */
    public IscsiConnection connection() {
        return connection;
    }

    public IscsiParameters parameters() {
        return parameters;
    }

    /** What the target said in the login. */
    public Map<String, String> answered() {
        return answered;
    }

    /** The session's handle. */
    public int tsih() {
        return tsih;
    }

    /** CmdSN of the next command. */
    public int cmdSn() {
        return cmdSn;
    }

    /** Sets it, rightly or wrongly. */
    public void cmdSn(int next) {
        cmdSn = next;
    }

    /** StatSN that the target will use next. */
    public int expStatSn() {
        return expStatSn;
    }

    /** ExpCmdSN that the target told last. */
    public int expCmdSn() {
        return expCmdSn;
    }

    /** MaxCmdSN that the target told last. */
    public int maxCmdSn() {
        return maxCmdSn;
    }

    /** How many commands may be sent now. */
    public int window() {
        return maxCmdSn - cmdSn + 1;
    }

    /** Async messages until now. */
    public List<IscsiPdu> asyncMessages() {
        return asyncMessages;
    }

    public int inFlight() {
        return flights.size();
    }

    @Override
    public int queues() {
        return 1;
    }

    // --- sending -----------------------------------------------------------------------------------------------------

    /** A command as this session sends it, with data or without; its CmdSN is the next one, which stays as it is. */
    public IscsiPdu command(ScsiRequest request, int itt, byte[] immediateData, boolean unsolicitedFollows) {
        byte[] cdb = request.cdb().bytes();
        byte[] ahs = NONE;
        if (cdb.length > CDB_BYTES) {
            // RFC 7143 section 11.2.2.3: length without itself and the type, type 1, a reserved byte, the CDB's rest.
            int rest = cdb.length - CDB_BYTES;
            ahs = new byte[IscsiPdu.padded(4 + rest)];
            ahs[1] = (byte) (rest + 1);
            ahs[2] = 1;
            System.arraycopy(cdb, CDB_BYTES, ahs, 4, rest);
        }
        int flags = (unsolicitedFollows ? 0 : IscsiPdu.FINAL)
                | (request.inBytes() > 0 ? READ : 0)
                | (request.out().length > 0 ? WRITE : 0)
                | request.attribute();
        return IscsiPdu.of(IscsiPdu.COMMAND, ahs, immediateData)
                .flags(flags)
                .lun(request.lun())
                .itt(itt)
                .ttt(Math.max(request.inBytes(), request.out().length))
                .sn(cmdSn)
                .expected(expStatSn)
                .put(32, Arrays.copyOf(cdb, Math.min(cdb.length, CDB_BYTES)));
    }

    /** Sends a command, and what the target asks of its data within half a second; the rest when somebody waits. */
    @Override
    public Flight submit(int queue, ScsiRequest request) {
        Flight flight = submit(request);
        long deadline = System.nanoTime() + DATA_MILLIS * 1_000_000L;
        while (!holdsR2ts && flight.solicited < request.out().length && flight.result() == null) {
            int left = (int) Math.max(0, (deadline - System.nanoTime()) / 1_000_000);
            if (!receiveOne(left) && left == 0) {
                break;
            }
        }
        return flight;
    }

    /** Sends a command with as much of its data as may go without being asked for. */
    public Flight submit(ScsiRequest request) {
        int length = request.out().length;
        int immediate = parameters.immediateData()
                ? Math.min(
                        Math.min(length, options.immediateBytes()),
                        Math.min(parameters.firstBurst(), parameters.sendBytes()))
                : 0;
        int unsolicited = parameters.initialR2t()
                ? immediate
                : Math.max(immediate, Math.min(Math.min(length, options.unsolicitedBytes()), parameters.firstBurst()));
        return submit(request, immediate, unsolicited);
    }

    /**
     * Sends a command.
     *
     * @param immediate bytes of data within it
     * @param unsolicited bytes without an R2T, the immediate ones included
     */
    public Flight submit(ScsiRequest request, int immediate, int unsolicited) {
        awaitWindow();
        Flight flight = new Flight(request, nextTag());
        flights.put(flight.itt(), flight);
        flight.solicited = unsolicited;
        byte[] data = immediate == 0 ? NONE : Arrays.copyOf(request.out(), immediate);
        connection.send(command(request, flight.itt(), data, unsolicited > immediate));
        cmdSn++;
        if (unsolicited > immediate) {
            sendData(flight, IscsiPdu.NO_TAG, immediate, unsolicited - immediate);
        }
        return flight;
    }

    /** Registers a command that the test sends by itself, so that its answers are known. */
    public Flight expect(ScsiRequest request, int itt) {
        Flight flight = new Flight(request, itt);
        flights.put(itt, flight);
        return flight;
    }

    /** A task tag that was not used yet. */
    public int nextTag() {
        return nextTask++;
    }

    private void awaitWindow() {
        long deadline = System.nanoTime() + TIMEOUT_MILLIS * 1_000_000L;
        while (window() <= 0) {
            if (!receiveOne(TIMEOUT_MILLIS) || System.nanoTime() > deadline) {
                throw new IllegalStateException("the command window stays closed at " + maxCmdSn);
            }
        }
    }

    /** Sends one sequence of Data-Out PDUs: solicited with the target's tag, unsolicited with {@link IscsiPdu#NO_TAG}. */
    public void sendData(Flight flight, int ttt, int offset, int length) {
        int sent = 0;
        for (int sn = 0; sent < length || sn == 0; sn++) {
            int piece = Math.min(length - sent, parameters.sendBytes());
            connection.send(dataOut(flight, ttt, sn, offset + sent, piece, sent + piece == length));
            sent += piece;
        }
    }

    /** One Data-Out PDU (RFC 7143 section 11.7). */
    public IscsiPdu dataOut(Flight flight, int ttt, int dataSn, int offset, int length, boolean last) {
        byte[] data = Arrays.copyOfRange(flight.request().out(), offset, offset + length);
        return IscsiPdu.of(IscsiPdu.DATA_OUT, data)
                .flags(last ? IscsiPdu.FINAL : 0)
                .lun(ttt == IscsiPdu.NO_TAG ? 0 : flight.request().lun())
                .itt(flight.itt())
                .ttt(ttt)
                .expected(expStatSn)
                .u32(36, dataSn)
                .u32(40, offset);
    }

    /** From now on R2Ts wait for {@link #nextR2t}, and the test answers them. */
    public void holdR2ts() {
        holdsR2ts = true;
    }

    /** The next R2T that is held. */
    public IscsiPdu nextR2t() {
        IscsiPdu r2t = pollR2t(TIMEOUT_MILLIS);
        if (r2t == null) {
            throw new IllegalStateException("no R2T");
        }
        return r2t;
    }

    /** The next R2T that is held; null if there is none within the time. */
    public @Nullable IscsiPdu pollR2t(int timeoutMillis) {
        long deadline = System.nanoTime() + timeoutMillis * 1_000_000L;
        while (heldR2ts.isEmpty()) {
            int left = (int) Math.max(0, (deadline - System.nanoTime()) / 1_000_000);
            if (!receiveOne(left) && left == 0) {
                return null;
            }
        }
        IscsiPdu r2t = heldR2ts.remove();
        Objects.requireNonNull(flights.get(r2t.itt())).open--;
        return r2t;
    }

    /** Sends what an R2T asks for. */
    public void answer(IscsiPdu r2t) {
        sendData(Objects.requireNonNull(flights.get(r2t.itt())), r2t.ttt(), r2t.offset(), r2t.residual());
    }

    // --- receiving ---------------------------------------------------------------------------------------------------

    @Override
    public int collect(int queue) {
        int before = flights.size();
        while (receiveOne(0)) {
            // until there is no more
        }
        return before - flights.size();
    }

    @Override
    public boolean awaitCompletion(int queue, ScsiFlight flight, int timeoutMillis) {
        long deadline = System.nanoTime() + timeoutMillis * 1_000_000L;
        while (flight.result() == null) {
            int left = (int) Math.max(0, (deadline - System.nanoTime()) / 1_000_000);
            if (!receiveOne(left) && left == 0) {
                return false;
            }
        }
        return true;
    }

    /** The next PDU that is no answer to a command, no data and no R2T: text, task, logout, NOP answers and Rejects. */
    public IscsiPdu receiveOther() {
        IscsiPdu pdu = pollOther(TIMEOUT_MILLIS);
        if (pdu == null) {
            throw new IllegalStateException("nothing came within " + TIMEOUT_MILLIS + " ms");
        }
        return pdu;
    }

    /** The same; null if there is none within the time. */
    public @Nullable IscsiPdu pollOther(int timeoutMillis) {
        long deadline = System.nanoTime() + timeoutMillis * 1_000_000L;
        while (others.isEmpty()) {
            int left = (int) Math.max(0, (deadline - System.nanoTime()) / 1_000_000);
            if (!receiveOne(left) && left == 0) {
                return null;
            }
        }
        return others.remove();
    }

    /** Takes in one PDU; whether there was one. */
    public boolean receiveOne(int timeoutMillis) {
        IscsiPdu pdu = connection.receive(timeoutMillis);
        if (pdu == null) {
            return false;
        }
        checkWindow(pdu);
        switch (pdu.opcode()) {
            case IscsiPdu.RESPONSE -> response(pdu);
            case IscsiPdu.DATA_IN -> dataIn(pdu);
            case IscsiPdu.R2T -> readyToTransfer(pdu);
            case IscsiPdu.NOP_IN -> nopIn(pdu);
            case IscsiPdu.ASYNC_MESSAGE -> {
                checkStatSn(pdu);
                asyncMessages.add(pdu);
            }
            case IscsiPdu.TASK_RESPONSE, IscsiPdu.TEXT_RESPONSE, IscsiPdu.LOGOUT_RESPONSE, IscsiPdu.REJECT -> {
                checkStatSn(pdu);
                others.add(pdu);
            }
            default -> throw new IllegalStateException("not a target's: " + pdu);
        }
        return true;
    }

    /** ExpCmdSN never goes back nor beyond what was sent; MaxCmdSN never goes back (RFC 7143 section 4.2.2.1). */
    private void checkWindow(IscsiPdu pdu) {
        int expected = pdu.expected();
        int max = pdu.maxCmdSn();
        if (expected - expCmdSn < 0 || expected - cmdSn > 0 || max - maxCmdSn < 0 || max - (expected - 1) < 0) {
            throw new IllegalStateException("ExpCmdSN " + expected + ", MaxCmdSN " + max + " after " + expCmdSn + ", "
                    + maxCmdSn + " with CmdSN " + cmdSn + ": " + pdu);
        }
        expCmdSn = expected;
        maxCmdSn = max;
    }

    private void checkStatSn(IscsiPdu pdu) {
        checkNextStatSn(pdu);
        expStatSn++;
    }

    private void checkNextStatSn(IscsiPdu pdu) {
        if (pdu.sn() != expStatSn) {
            throw new IllegalStateException("StatSN is " + pdu.sn() + " instead of " + expStatSn + ": " + pdu);
        }
    }

    private Flight flight(IscsiPdu pdu) {
        Flight flight = flights.get(pdu.itt());
        if (flight == null) {
            throw new IllegalStateException("an answer to a command that is not there: " + pdu);
        }
        return flight;
    }

    /** RFC 7143 section 11.7. */
    private void dataIn(IscsiPdu pdu) {
        Flight flight = flight(pdu);
        int length = pdu.data().length;
        if (pdu.dataSn() != flight.dataSn++) {
            throw new IllegalStateException("DataSN is not " + (flight.dataSn - 1) + ": " + pdu);
        }
        if (pdu.offset() != flight.received || length > flight.in.length - flight.received) {
            throw new IllegalStateException(
                    "data for offset " + flight.received + " of " + flight.in.length + " expected: " + pdu);
        }
        if (length > parameters.receiveBytes()) {
            throw new IllegalStateException("a data segment longer than " + parameters.receiveBytes() + ": " + pdu);
        }
        flight.burst += length;
        if (flight.burst > parameters.maxBurst()) {
            throw new IllegalStateException("a burst longer than " + parameters.maxBurst() + ": " + pdu);
        }
        if (pdu.ttt() != IscsiPdu.NO_TAG) {
            throw new IllegalStateException("a transfer tag without the A bit: " + pdu);
        }
        System.arraycopy(pdu.data(), 0, flight.in, flight.received, length);
        flight.received += length;
        if (pdu.last()) {
            flight.burst = 0;
        }
        if ((pdu.flags() & STATUS) != 0) {
            if (!pdu.last()) {
                throw new IllegalStateException("status before the last data: " + pdu);
            }
            checkStatSn(pdu);
            end(flight, pdu, 0, pdu.u8(3), NONE);
        }
    }

    /** RFC 7143 section 11.4. */
    private void response(IscsiPdu pdu) {
        checkStatSn(pdu);
        Flight flight = flight(pdu);
        byte[] data = pdu.data();
        byte[] sense = NONE;
        if (data.length > 0) {
            int length = ((data[0] & 0xFF) << 8) | (data[1] & 0xFF);
            if (length > data.length - 2) {
                throw new IllegalStateException("sense length of " + length + ": " + pdu);
            }
            sense = Arrays.copyOfRange(data, 2, 2 + length);
        }
        if (!pdu.last()) {
            throw new IllegalStateException("bit 7 of byte 1 is not set: " + pdu);
        }
        // ExpDataSN: how many Data-In and R2T PDUs were sent; reserved if the command did not get so far.
        if (pdu.u8(2) == 0 && pdu.dataSn() != flight.dataSn + flight.r2tSn) {
            throw new IllegalStateException("ExpDataSN is not " + (flight.dataSn + flight.r2tSn) + ": " + pdu);
        }
        end(flight, pdu, pdu.u8(2), pdu.u8(3), sense);
    }

    private void end(Flight flight, IscsiPdu pdu, int response, int status, byte[] sense) {
        long residual = 0;
        long count = pdu.residual() & 0xFFFF_FFFFL;
        switch (pdu.flags() & (UNDERFLOW | OVERFLOW)) {
            case 0 -> {
                if (count != 0) {
                    throw new IllegalStateException("a residual count without its flag: " + pdu);
                }
            }
            case UNDERFLOW -> residual = count;
            case OVERFLOW -> residual = -count;
            default -> throw new IllegalStateException("underflow and overflow: " + pdu);
        }
        if (response == 0 && flight.in.length > 0 && flight.received != flight.in.length - Math.max(0, residual)) {
            throw new IllegalStateException(flight.received + " of " + flight.in.length + " bytes came: " + pdu);
        }
        flights.remove(flight.itt());
        byte[] in = flight.received == flight.in.length ? flight.in : Arrays.copyOf(flight.in, flight.received);
        flight.finish(new ScsiResult(response, status, sense, in, residual));
    }

    /** RFC 7143 section 11.8. */
    private void readyToTransfer(IscsiPdu pdu) {
        Flight flight = flight(pdu);
        checkNextStatSn(pdu);
        int length = pdu.residual();
        if (pdu.dataSn() != flight.r2tSn++) {
            throw new IllegalStateException("R2TSN is not " + (flight.r2tSn - 1) + ": " + pdu);
        }
        if (pdu.ttt() == IscsiPdu.NO_TAG || length <= 0 || length > parameters.maxBurst()) {
            throw new IllegalStateException("tag or length of an R2T: " + pdu);
        }
        if (pdu.offset() != flight.solicited
                || pdu.offset() + length > flight.request().out().length) {
            throw new IllegalStateException("an R2T from " + flight.solicited + " on was due: " + pdu);
        }
        if (++flight.open > parameters.maxOutstandingR2t()) {
            throw new IllegalStateException("more R2Ts than " + parameters.maxOutstandingR2t() + " at once: " + pdu);
        }
        flight.solicited += length;
        if (holdsR2ts) {
            heldR2ts.add(pdu);
        } else {
            sendData(flight, pdu.ttt(), pdu.offset(), length);
            flight.open--;
        }
    }

    /** RFC 7143 section 11.19: an answer to our own, or a question that wants one. */
    private void nopIn(IscsiPdu pdu) {
        if (pdu.itt() != IscsiPdu.NO_TAG) {
            checkStatSn(pdu);
            others.add(pdu);
            return;
        }
        checkNextStatSn(pdu);
        if (pdu.ttt() != IscsiPdu.NO_TAG) {
            connection.send(IscsiPdu.of(IscsiPdu.NOP_OUT)
                    .immediately()
                    .flags(IscsiPdu.FINAL)
                    .lun(pdu.lun())
                    .itt(IscsiPdu.NO_TAG)
                    .ttt(pdu.ttt())
                    .sn(cmdSn)
                    .expected(expStatSn));
        }
    }

    // --- what is no command ------------------------------------------------------------------------------------------

    private IscsiPdu ask(IscsiPdu pdu, int answer) {
        connection.send(pdu);
        if (!pdu.immediate()) {
            cmdSn++;
        }
        IscsiPdu got = receiveOther();
        if (got.opcode() != answer || got.itt() != pdu.itt()) {
            throw new IllegalStateException("not the answer to " + pdu + ": " + got);
        }
        return got;
    }

    /** Sends data to and fro; what came back. */
    public byte[] ping(byte[] data) {
        return ask(
                        IscsiPdu.of(IscsiPdu.NOP_OUT, data)
                                .flags(IscsiPdu.FINAL)
                                .itt(nextTag())
                                .ttt(IscsiPdu.NO_TAG)
                                .sn(cmdSn)
                                .expected(expStatSn),
                        IscsiPdu.NOP_IN)
                .data();
    }

    /** A text request as this session sends it (RFC 7143 section 11.10). */
    public IscsiPdu textRequest(byte[] text, int itt, int ttt, boolean last) {
        return IscsiPdu.of(IscsiPdu.TEXT_REQUEST, text)
                .flags(last ? IscsiPdu.FINAL : 0x40)
                .itt(itt)
                .ttt(ttt)
                .sn(cmdSn)
                .expected(expStatSn);
    }

    /** Sends key=value pairs; the bytes of the whole answer. */
    public byte[] text(Map<String, String> pairs) {
        int itt = nextTag();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        IscsiPdu answer = ask(textRequest(IscsiText.format(pairs), itt, IscsiPdu.NO_TAG, true), IscsiPdu.TEXT_RESPONSE);
        all.writeBytes(answer.data());
        while (!answer.last()) {
            answer = ask(textRequest(NONE, itt, answer.ttt(), true), IscsiPdu.TEXT_RESPONSE);
            all.writeBytes(answer.data());
        }
        return all.toByteArray();
    }

    /**
     * Asks for the end of session (0) or connection (1); the response code (RFC 7143 section 11.15.1).
     *
     * @param reason 2: remove for recovery
     */
    public int logout(int reason) {
        return ask(
                        IscsiPdu.of(IscsiPdu.LOGOUT_REQUEST)
                                .immediately()
                                .flags(IscsiPdu.FINAL | reason)
                                .itt(nextTag())
                                .u16(20, 1)
                                .sn(cmdSn)
                                .expected(expStatSn),
                        IscsiPdu.LOGOUT_RESPONSE)
                .u8(2);
    }

    /** A task management request as this session sends it (RFC 7143 section 11.5), for immediate delivery. */
    public IscsiPdu taskRequest(TaskFunction function, long lun, long tag) {
        int number = switch (function) {
            case ABORT_TASK -> 1;
            case ABORT_TASK_SET -> 2;
            case CLEAR_ACA -> 3;
            case CLEAR_TASK_SET -> 4;
            case LOGICAL_UNIT_RESET -> 5;
            case TARGET_WARM_RESET -> 6;
            case TARGET_COLD_RESET -> 7;
            // RFC 7144 section 8.1.
            case QUERY_TASK -> 9;
            case QUERY_TASK_SET -> 10;
            case I_T_NEXUS_RESET -> 11;
            case QUERY_ASYNCHRONOUS_EVENT -> 12;
        };
        boolean aboutTask = function == TaskFunction.ABORT_TASK || function == TaskFunction.QUERY_TASK;
        return IscsiPdu.of(IscsiPdu.TASK_REQUEST)
                .immediately()
                .flags(IscsiPdu.FINAL | number)
                .lun(lun)
                .itt(nextTag())
                .ttt(aboutTask ? (int) tag : IscsiPdu.NO_TAG)
                .sn(cmdSn)
                .expected(expStatSn)
                .u32(32, aboutTask ? cmdSn - 1 : 0);
    }

    @Override
    public TaskFunctionAnswer manage(TaskFunction function, long lun, long tag) {
        IscsiPdu answer = ask(taskRequest(function, lun, tag), IscsiPdu.TASK_RESPONSE);
        if (function == TaskFunction.ABORT_TASK && answer.u8(2) == 0) {
            flights.remove((int) tag); // an answer that comes now would be wrong
        }
        return switch (answer.u8(2)) {
            case 0 -> TaskFunctionAnswer.COMPLETE;
            case 1 -> TaskFunctionAnswer.TASK_NOT_FOUND;
            case 2 -> TaskFunctionAnswer.INCORRECT_LUN;
            case 5 -> TaskFunctionAnswer.REJECTED;
            case 7 -> TaskFunctionAnswer.SUCCEEDED;
            default -> TaskFunctionAnswer.FAILED;
        };
    }

    /** Hangs up without a logout. */
    @Override
    public void close() {
        connection.close();
    }
}
