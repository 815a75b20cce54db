package io.zonewright.frontend.scsi.iscsi;

import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.frontend.scsi.command.Nexus;
import io.zonewright.frontend.scsi.command.ScsiStatus;
import io.zonewright.frontend.scsi.command.Sense;
import io.zonewright.frontend.scsi.command.TaskAttribute;
import io.zonewright.frontend.scsi.command.Transfer;
import io.zonewright.frontend.scsi.iscsi.login.LoginAnswer;
import io.zonewright.frontend.scsi.iscsi.login.LoginOutcome;
import io.zonewright.frontend.scsi.iscsi.login.TextNegotiation;
import io.zonewright.frontend.scsi.iscsi.pdu.Pdu;
import io.zonewright.net.NetAddress;
import io.zonewright.net.NetBuffer;
import io.zonewright.net.Outgoing;
import io.zonewright.net.SendQueue;
import io.zonewright.net.SocketMember;
import io.zonewright.posix.TcpConnection;
import io.zonewright.runtime.Counters;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection, which is all of its session: its life, the order of its commands, and each command from PDU to answer
 * (RFC 7143, sections 4.2 and 7). {@link PduReader} takes in, {@link DataPhase} finds memory for data, {@link PduWriter}
 * forms what goes out, {@link LoginPhase} and {@link Requests} do what is not a SCSI command. Knows nothing of what commands
 * mean.
 *
 * <p><b>Memory.</b> Idle, it holds none. What one connection may hold is bounded, as is what waits to be sent: an initiator
 * that does not read, or does not send what it was asked for, stalls its own commands only, and is disconnected after a
 * while.
 *
 * <p>Everything belongs to the loop's thread, except {@link #closeSoon} and {@link #drainSoon}.
 */
final class IscsiConnection extends SocketMember {
    static final long LOGIN_NANOS = TimeUnit.SECONDS.toNanos(15);
    static final long STALL_NANOS = TimeUnit.SECONDS.toNanos(30);
    static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** Silence after which an initiator is asked whether it is there, and after which it is not. */
    static final long PING_NANOS = TimeUnit.SECONDS.toNanos(15);

    static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** Immediate SCSI commands under way, beside those of the window. */
    private static final int MAX_IMMEDIATE = 16;

    /** PDUs that may wait to be sent before nothing more is read: more than those of a full window. */
    private static final int MAX_UNSENT = 1024;

    /** Bytes of ping data, likewise. */
    private static final long MAX_ECHOED = 1 << 20;

    private static final int DISCOVERY_DEPTH = 8;

    /** Ticks that an initiator has to log out by itself, when it is asked to. */
    private static final int LOGOUT_TICKS = 2;

    private static final int LOGOUT_SECONDS = 1;

    private final LoopResources resources;
    private final InetSocketAddress peer;
    private final Runnable afterClose;
    private final Portal portal;
    private final SendQueue queue = new SendQueue();
    private final Terms terms = new Terms();
    private final CommandWindow window = new CommandWindow();
    private final TaskTable tasks = new TaskTable();
    private final PduWriter writer;
    private final DataPhase data;
    private final PduReader reader;
    private final LoginPhase login;

    private Counters<IscsiCounter> counters;
    private @Nullable Session session;
    private @Nullable Nexus nexus;
    private @Nullable Requests requests;

    /** The last words are on their way: nothing more is taken. */
    private boolean terminating;

    private boolean outputShut;
    private boolean draining;
    private int drainTicks;
    private @Nullable Runnable drained;

    private int executing;
    private int immediate;
    private int unsent;
    private long echoed;
    private int work;
    private boolean serving;
    /** Commands carried out in this pass, and whose device gathers them. */
    private int started;

    private @Nullable ZonedDevice batch;
    private boolean progressed = true;
    private boolean heard = true;
    private boolean pinged;
    private long lastProgress;
    private long lastHeard;
    private final long since;
    private long terminatingSince;

    IscsiConnection(
            TcpConnection socket,
            InetSocketAddress peer,
            LoopResources resources,
            Portal portal,
            Counters<IscsiCounter> counters,
            Runnable afterClose) {
        super(socket, resources.loop());
        this.resources = resources;
        this.peer = peer;
        this.counters = counters;
        this.afterClose = afterClose;
        this.portal = portal;
        since = resources.loop().now();
        lastProgress = since;
        lastHeard = since;
        writer = new PduWriter(terms, window, resources.loop().crc());
        data = new DataPhase(this, terms, writer);
        reader = new PduReader(this, terms, data);
        login = new LoginPhase(this, portal);
    }

    @Override
    public String name() {
        return NetAddress.of(peer).toString();
    }

    LoopResources resources() {
        return resources;
    }

    CommandWindow window() {
        return window;
    }

    void count(IscsiCounter counter, long amount) {
        counters.add(counter, amount);
    }

    // Life on the loop ---------------------------------------------------------------------------------------------

    @Override
    protected int serve() {
        work = 0;
        serving = true;
        try {
            if (terminating) {
                reader.discard();
            } else {
                started = 0;
                try {
                    data.startWaiting();
                    for (int i = 0; i < PduReader.RECEIVES && !terminating && !backlogged() && reader.receive(); i++) {
                        reader.parse();
                    }
                    if (!closed() && !terminating) {
                        reader.settle();
                    }
                } finally {
                    endBatch();
                }
            }
            if (!closed()) {
                flush();
            }
        } finally {
            serving = false;
        }
        return work;
    }

    private boolean backlogged() {
        return unsent >= MAX_UNSENT || echoed >= MAX_ECHOED;
    }

    @Override
    protected boolean hasWork() {
        return (readReady() && !reader.starved() && !backlogged()) || data.worthRetrying();
    }

    @Override
    protected void writable() {
        queue.unblock();
    }

    @Override
    protected void memoryReturned() {
        if (reader.starved() || data.waiting()) {
            reader.retry();
            data.retry();
            schedule();
        }
    }

    private void flush() {
        long sent = queue.isEmpty() ? 0 : queue.flush(socket(), loop().vectors());
        if (sent > 0) {
            progressed = true;
            data.share().moved(sent);
            work++;
        }
        if (queue.isEmpty() && terminating && !outputShut) {
            outputShut = true;
            socket().shutdownOutput();
        }
    }

    @Override
    protected void tick(long now) {
        if (progressed) {
            progressed = false;
            lastProgress = now;
        }
        if (heard) {
            heard = false;
            pinged = false;
            lastHeard = now;
        }
        if (terminating) {
            terminatingSince = terminatingSince == 0 ? now : terminatingSince;
            if (now - terminatingSince >= LINGER_NANOS) {
                close();
            }
        } else if (session == null && now - since >= LOGIN_NANOS) {
            timeout("login takes too long");
        } else if (data.share().hogs(now, unfinished(), reader.held())) {
            timeout("too slow while memory is scarce");
        } else if (unfinished() && now - lastProgress >= STALL_NANOS) {
            timeout("stalled");
        } else if (now - lastHeard >= SILENCE_NANOS) {
            timeout("silent");
        } else if (draining) {
            drain();
        } else if (nexus != null && !pinged && now - lastHeard >= PING_NANOS) {
            pinged = true;
            Objects.requireNonNull(requests).ping();
            schedule();
        }
    }

    /** Whether the peer owes us something: the rest of a PDU, data, a command that others wait for, or reading our answers. */
    private boolean unfinished() {
        return reader.withinPdu() || data.expectsData() || window.holds() || !queue.isEmpty();
    }

    private void timeout(String why) {
        count(IscsiCounter.TIMEOUTS, 1);
        portal.logDropped(this, why);
        close();
    }

    /** Closes the connection, soon; from any thread. */
    void closeSoon() {
        loop().pollLoop().execute(this::close);
    }

    /**
     * The target is going: asks the initiator to log out, lets what is being carried out come to its end, then closes; from
     * any thread.
     */
    void drainSoon(Runnable whenClosed) {
        loop().pollLoop().execute(() -> {
            if (closed()) {
                whenClosed.run();
                return;
            }
            drained = whenClosed;
            draining = true;
            if (nexus == null || terminating) {
                close();
                return;
            }
            Packet packet = resources.takePacket();
            writer.asynchronous(packet, Pdu.ASYNC_LOGOUT_REQUEST, 0, 0, LOGOUT_SECONDS);
            send(packet);
            schedule();
        });
    }

    private void drain() {
        if (++drainTicks < LOGOUT_TICKS || executing > 0) {
            return;
        }
        leaving();
        Packet packet = resources.takePacket();
        writer.asynchronous(packet, Pdu.ASYNC_DROP_ALL, 0, 0, 0);
        send(packet);
        finish();
        schedule();
        if (drainTicks > 2 * LOGOUT_TICKS) {
            close();
        }
    }

    @Override
    protected void onClosed() {
        leaving();
        queue.drop();
        reader.closed();
        login.closed();
        afterClose.run();
        Runnable then = drained;
        drained = null;
        if (then != null) {
            then.run();
        }
    }

    // For the reader -----------------------------------------------------------------------------------------------

    boolean mayRead() {
        return readReady();
    }

    /** Nothing is left to read for now. */
    void nothingToRead() {
        drained();
    }

    /** So many bytes came from the initiator. */
    void received(long bytes) {
        progressed = true;
        heard = true;
        data.share().moved(bytes);
        work++;
    }

    /** Whether the connection is about to end. */
    boolean terminating() {
        return terminating;
    }

    /** Whether login is over. */
    boolean fullFeature() {
        return session != null;
    }

    /** The task with this tag, or null. */
    @Nullable
    IscsiTask find(int itt) {
        return tasks.get(itt);
    }

    /** Whether there is memory to receive what the initiator is about to be asked for. */
    boolean canHear() {
        return reader.reserve();
    }

    /** A task no longer uses what came with it: there may be room again behind it. */
    void inputReleased() {
        if (reader.starved()) {
            reader.retry();
            wake();
        }
    }

    /** Queues a PDU, which leaves at the end of this pass. */
    void send(Packet packet) {
        packet.connection = this;
        NetBuffer attached = packet.attached;
        if (attached != null) {
            echoed += attached.size();
            data.share().take(attached.size());
        }
        queue(packet);
    }

    private void queue(Outgoing pdu) {
        unsent++;
        queue.add(pdu);
    }

    /** A PDU is with the kernel, or never will be; with it goes what was attached. */
    void left(@Nullable NetBuffer attached) {
        unsent--;
        if (attached != null) {
            echoed -= attached.size();
            data.share().release(attached.size());
            attached.release();
        }
    }

    /** A piece of work was done. */
    void worked() {
        work++;
    }

    /** Has the connection served soon, unless it is right now. */
    void wake() {
        if (!serving) {
            schedule();
        }
    }

    /** A PDU with this header is refused, and nothing else happens. */
    void reject(int reason, byte[] header) {
        count(IscsiCounter.REJECTS, 1);
        Packet packet = resources.takePacket();
        writer.reject(packet, reason, header);
        send(packet);
        portal.logRejected(this, reason, header[0] & Pdu.OPCODE_MASK);
    }

    /** After this PDU nothing can be understood any more: says so, and ends the connection. */
    void breakOff(int reason, byte[] header) {
        if (fullFeature()) {
            reject(reason, header);
        }
        breakOff();
    }

    /** Nothing can be understood any more. */
    void breakOff() {
        count(IscsiCounter.PROTOCOL_ERRORS, 1);
        portal.logDropped(this, "what it sends cannot be understood");
        leaving();
        finish();
    }

    // Login --------------------------------------------------------------------------------------------------------

    /** A PDU before the full feature phase. */
    void login(byte[] header, byte[] text) {
        login.request(header, text);
    }

    /** Login goes on, or ends in a refusal. */
    void answerLogin(LoginAnswer answer, long isid, int itt) {
        Packet packet = resources.takePacket();
        writer.login(packet, answer, isid, itt);
        send(packet);
        if (answer.closes()) {
            count(IscsiCounter.LOGINS_REFUSED, 1);
            portal.logRefused(this, answer.status());
            finish();
        }
    }

    /** The last answer of a login that succeeded: from now on the terms are what was agreed upon. */
    void welcome(LoginAnswer answer, long isid, int itt, Session made, LoginOutcome outcome) {
        IscsiTarget target = made.target();
        window.open(target == null ? DISCOVERY_DEPTH : target.queueDepth());
        answerLogin(answer, isid, itt);
        terms.agree(outcome.parameters());
        session = made;
        nexus = made.nexus();
        if (target != null) {
            counters = target.counters(resources.index());
        }
        requests = new Requests(this, made, terms, writer, new TextNegotiation(login, outcome));
        portal.logConnected(this, made);
    }

    // Requests -----------------------------------------------------------------------------------------------------

    /** A request is here, with all data that comes in its own PDU. */
    void arrived(IscsiTask task) {
        int opcode = task.pduOpcode();
        if (opcode > Pdu.LOGOUT || opcode == Pdu.LOGIN) {
            // A SNACK has no place at ErrorRecoveryLevel 0 (section 11.16).
            boolean known = opcode == Pdu.SNACK || opcode == Pdu.LOGIN;
            reject(known ? Pdu.REJECT_PROTOCOL_ERROR : Pdu.REJECT_NOT_SUPPORTED, task.header);
            release(task);
            return;
        }
        if (task.immediate()) {
            list(task);
            process(task);
            return;
        }
        int cmdSn = task.cmdSn();
        switch (window.judge(cmdSn)) {
            case IGNORED -> {
                count(IscsiCounter.OUT_OF_WINDOW, 1);
                release(task);
            }
            case LATER -> {
                list(task);
                window.hold(cmdSn, task);
            }
            case NEXT -> {
                window.advance();
                list(task);
                process(task);
                processHeld();
            }
        }
    }

    private void processHeld() {
        while (!terminating) {
            IscsiTask held = window.next();
            if (held == null) {
                return;
            }
            process(held);
        }
    }

    /** A number in the window for which nothing came, and nothing is to come any more; false if it is not such a one. */
    boolean fill(int cmdSn) {
        boolean filled = window.fill(cmdSn);
        processHeld();
        return filled;
    }

    private void list(IscsiTask task) {
        if (task.pduOpcode() != Pdu.SCSI_COMMAND || task.rejection != 0) {
            return;
        }
        if (task.itt == Pdu.NO_TAG) {
            task.rejection = Pdu.REJECT_INVALID_FIELD;
        } else if (tasks.get(task.itt) != null) {
            task.rejection = Pdu.REJECT_TASK_IN_PROGRESS;
        } else {
            tasks.add(task);
            task.listed = true;
        }
    }

    /** A request's turn has come. */
    private void process(IscsiTask task) {
        work++;
        if (task.aborted) {
            release(task);
        } else if (task.rejection != 0) {
            reject(task.rejection, task.header);
            release(task);
        } else if (task.pduOpcode() == Pdu.SCSI_COMMAND) {
            begin(task);
        } else {
            Objects.requireNonNull(requests).handle(task);
            release(task);
        }
    }

    private void begin(IscsiTask task) {
        Nexus path = nexus;
        TaskAttribute attribute = attribute(task.flags() & Pdu.ATTRIBUTE_MASK);
        if (path == null || attribute == null) {
            reject(path == null ? Pdu.REJECT_PROTOCOL_ERROR : Pdu.REJECT_INVALID_FIELD, task.header);
            release(task);
            return;
        }
        if (task.immediate() && immediate == MAX_IMMEDIATE) {
            reject(Pdu.REJECT_TOO_MANY_IMMEDIATE, task.header);
            release(task);
            return;
        }
        count(IscsiCounter.COMMANDS, 1);
        task.counted = true;
        if (task.immediate()) {
            immediate++;
        } else {
            window.enter();
        }
        if (task.drowned || draining) {
            task.drowned = true;
            task.phase = IscsiTask.Phase.GATHERING;
            if (!task.unsolicited) {
                comeAgain(task);
            }
            return;
        }
        long bytes = task.expectedBytes();
        task.prepare(
                task.lunBytes(),
                Integer.toUnsignedLong(task.itt),
                attribute,
                task.cdbBytes,
                task.read() ? bytes : 0,
                task.write() ? bytes : 0);
        task.begun = true;
        if (path.begin(task)) {
            data.provide(task);
        }
    }

    private static @Nullable TaskAttribute attribute(int value) {
        return switch (value) {
            case 0, 1 -> TaskAttribute.SIMPLE;
            case 2 -> TaskAttribute.ORDERED;
            case 3 -> TaskAttribute.HEAD_OF_QUEUE;
            case 4 -> TaskAttribute.ACA;
            default -> null;
        };
    }

    /** All unsolicited data of a task is here. */
    void gathered(IscsiTask task) {
        if (task.phase != IscsiTask.Phase.GATHERING) {
            return; // its turn has not come
        }
        if (task.drowned) {
            comeAgain(task);
        } else {
            data.provide(task);
        }
    }

    /** There is no memory for a command's data, or no time left to carry it out. */
    private void comeAgain(IscsiTask task) {
        if (!draining) {
            count(IscsiCounter.MEMORY_REFUSALS, 1);
        }
        unlist(task);
        task.phase = IscsiTask.Phase.ANSWERING;
        data.release(task);
        int status = draining ? ScsiStatus.BUSY : ScsiStatus.TASK_SET_FULL;
        writer.response(task, status, underflow(task.expectedBytes()), (int) task.expectedBytes());
        queue(task.answer);
        wake();
    }

    /** Has a task carried out whose data is provided. */
    void execute(IscsiTask task) {
        task.phase = IscsiTask.Phase.EXECUTING;
        executing++;
        Nexus path = Objects.requireNonNull(nexus);
        // The first of a pass starts at once, the others as a batch.
        if (serving && batch == null && ++started >= 2 && task.hasUnit()) {
            batch = task.unit().device();
            batch.beginBatch();
        }
        path.execute(task);
    }

    private void endBatch() {
        ZonedDevice device = batch;
        if (device != null) {
            batch = null;
            device.endBatch();
        }
    }

    /** Ends a task that was begun before it is carried out. */
    void refuse(IscsiTask task, Sense sense) {
        Objects.requireNonNull(nexus).refuse(task, sense);
    }

    /** A task was aborted while its data was gathered, perhaps long ago. */
    void abortSoon(IscsiTask task) {
        if (!closed() && !terminating && task.aborted()) {
            stop(task);
        }
    }

    /** Ends a task that is begun and not being carried out. */
    private void stop(IscsiTask task) {
        switch (task.phase) {
            case WAITING -> {
                data.stopWaiting(task);
                refuse(task, Sense.COMMAND_ABORTED);
            }
            case GATHERING, RECEIVING -> refuse(task, Sense.COMMAND_ABORTED);
            case HELD, EXECUTING, ANSWERING -> {}
        }
    }

    /** Ends a task that was not begun, without an answer. */
    void dropUnbegun(IscsiTask task) {
        unlist(task);
        if (task.phase == IscsiTask.Phase.HELD) {
            task.aborted = true; // its number still has its turn
        } else if (task.phase == IscsiTask.Phase.GATHERING) {
            release(task);
        }
    }

    /** A task management function is done. */
    void managed(int itt, int response, boolean cold) {
        if (closed() || terminating) {
            return;
        }
        work++;
        Packet packet = resources.takePacket();
        writer.managed(packet, itt, response);
        send(packet);
        if (cold) {
            // All connections to the target end (section 11.5.1).
            Session mine = Objects.requireNonNull(session);
            leaving();
            finish();
            portal.dropOthers(mine);
        }
        schedule();
    }

    /** A task that was begun has ended. */
    void completed(IscsiTask task) {
        if (task.phase == IscsiTask.Phase.EXECUTING) {
            executing--;
        }
        unlist(task);
        if (closed() || terminating || !task.answered()) {
            release(task);
            return;
        }
        task.phase = IscsiTask.Phase.ANSWERING;
        work++;
        answer(task);
        wake();
    }

    private void unlist(IscsiTask task) {
        reader.forget(task);
        data.expectNothing(task);
        if (task.listed) {
            task.listed = false;
            tasks.remove(task);
        }
        if (task.counted) {
            task.counted = false;
            if (task.immediate()) {
                immediate--;
            } else {
                window.leave();
            }
        }
    }

    // Answers ------------------------------------------------------------------------------------------------------

    private void answer(IscsiTask task) {
        boolean good = task.status() == ScsiStatus.GOOD;
        if (!good) {
            count(IscsiCounter.ERRORS, 1);
        }
        int bytes = good ? (int) task.transferred() : 0;
        boolean over = task.transfer() != Transfer.NONE && task.wantedBytes() > task.offered();
        long residual = over ? task.wantedBytes() - task.offered() : unused(task);
        int flags = residual == 0 ? 0 : over ? Pdu.OVERFLOW : Pdu.UNDERFLOW;
        int told = (int) Math.min(residual, 0xFFFF_FFFFL);
        if (bytes == 0) {
            data.release(task);
            writer.response(task, task.status(), flags, told);
        } else {
            count(IscsiCounter.BYTES_TO_INITIATORS, bytes);
            if (!task.borrowed() && bytes <= Math.min(Math.min(terms.maxSend, terms.maxBurst), IscsiTask.CHUNK_BYTES)) {
                writer.dataInWithStatus(task, bytes, flags, told);
            } else {
                sendData(task, bytes, flags, told);
            }
        }
        queue(task.answer);
    }

    /** What the initiator offered and the command did not use, bytes. */
    private static long unused(IscsiTask task) {
        return task.expectedBytes()
                - switch (task.transfer()) {
                    case NONE -> 0;
                    case TO_INITIATOR -> task.transferred();
                    case TO_TARGET -> task.wantedBytes();
                };
    }

    private static int underflow(long bytes) {
        return bytes == 0 ? 0 : Pdu.UNDERFLOW;
    }

    /** Data that does not fit into one PDU, or lies in the medium's memory. */
    private void sendData(IscsiTask task, int bytes, int flags, int residual) {
        int burst = 0;
        for (int from = 0; ; ) {
            int step = Math.min(Math.min(bytes - from, terms.maxSend), terms.maxBurst - burst);
            if (!task.borrowed()) {
                // None crosses from one piece of memory to the next.
                step = Math.min(step, IscsiTask.CHUNK_BYTES - from % IscsiTask.CHUNK_BYTES);
            }
            if (from + step == bytes) {
                writer.lastDataIn(task, from, step, flags, residual);
                return;
            }
            burst += step;
            boolean last = burst == terms.maxBurst;
            Packet packet = resources.takePacket();
            writer.dataIn(packet, task, from, step, last);
            send(packet);
            burst = last ? 0 : burst;
            from += step;
        }
    }

    /** The answer is with the kernel, or never will be. */
    void answered(IscsiTask task) {
        left(null);
        release(task);
    }

    /** The task's life is over. */
    void release(IscsiTask task) {
        unlist(task);
        data.release(task);
        if (task.begun && task.borrowed()) {
            task.endLoan();
        }
        task.data().clear();
        task.forget();
        resources.giveBack(task);
    }

    // The end ------------------------------------------------------------------------------------------------------

    /** The session ends, and with it all tasks, none of which is answered. */
    void leaving() {
        Nexus path = nexus;
        if (path != null) {
            path.close();
        }
        boolean before = terminating;
        terminating = true;
        for (IscsiTask task = window.takeAny(); task != null; task = window.takeAny()) {
            release(task);
        }
        for (IscsiTask task = tasks.any(); task != null; task = tasks.any()) {
            unlist(task);
            if (task.begun) {
                stop(task);
            } else if (task.phase == IscsiTask.Phase.GATHERING) {
                release(task);
            }
        }
        reader.dropRequest();
        terminating = before;
    }

    /** Nothing follows what is queued. */
    void finish() {
        terminating = true;
    }
}
