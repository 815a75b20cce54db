package io.zonewright.vhostuser;

import io.zonewright.posix.EventFd;
import io.zonewright.posix.Fd;
import io.zonewright.posix.FdBatch;
import io.zonewright.posix.Posix;
import io.zonewright.posix.PosixException;
import io.zonewright.posix.UnixConnection;
import io.zonewright.runtime.peer.PeerDescriptors;
import io.zonewright.runtime.peer.PeerException;
import io.zonewright.runtime.peer.PeerLog;
import io.zonewright.runtime.peer.PeerService;
import io.zonewright.vhostuser.memory.MemoryMap;
import io.zonewright.vhostuser.message.ConfigSpace;
import io.zonewright.vhostuser.message.DriverRequest;
import io.zonewright.vhostuser.message.MemoryTable;
import io.zonewright.vhostuser.message.MessageException;
import io.zonewright.vhostuser.message.MessageHeader;
import io.zonewright.vhostuser.message.ProtocolFeatures;
import io.zonewright.vhostuser.message.RegionDescription;
import io.zonewright.vhostuser.message.SingleRegion;
import io.zonewright.vhostuser.message.VringAddress;
import io.zonewright.vhostuser.message.VringDescriptor;
import io.zonewright.vhostuser.message.VringState;
import io.zonewright.virtio.DeviceHealth;
import io.zonewright.virtio.QueueRunner;
import io.zonewright.virtio.VirtioDevice;
import io.zonewright.virtio.VirtioFeatures;
import io.zonewright.virtio.queue.RingAddresses;
import io.zonewright.virtio.queue.RingFormat;
import io.zonewright.virtio.queue.Virtqueue;
import java.io.EOFException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One driver's connection: what it negotiated, shared and set up. Each message is carried out as a whole before the
 * next is read. For the control thread, which hands everything that touches a running queue to that queue's loop.
 *
 * <p>A ring runs once it has a size, addresses, a kick message, and an accepted set of features, and is enabled (which
 * it is by itself if the driver does not know protocol features). It stops with GET_VRING_BASE.
 */
final class Session implements PeerService.Visit {
    /** Bits of the device status field (virtio 1.3, section 2.1). */
    static final int STATUS_FEATURES_OK = 8;

    static final int STATUS_NEEDS_RESET = 64;

    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    private final Posix posix;
    private final VirtioDevice device;
    private final List<QueueRunner> runners;
    private final DeviceHealth health;
    private final MessageChannel channel;
    private final DrainWaiter waiter;
    private final PeerLog log;
    private final ConfigNotices notices;
    private final AtomicBoolean configurationChanged;
    private final VringSetup[] rings;
    private final long offeredFeatures;

    private MemoryMap memory = MemoryMap.EMPTY;
    private long features;
    private boolean featuresAccepted;
    private long protocolFeatures;
    private int status;

    /** Requests were given up that may still write into the memory: it must stay mapped for ever. */
    private boolean memoryPinned;

    Session(
            Posix posix,
            VirtioDevice device,
            List<QueueRunner> runners,
            DeviceHealth health,
            MessageChannel channel,
            DrainWaiter waiter,
            PeerLog log,
            ConfigNotices notices,
            AtomicBoolean configurationChanged) {
        this.posix = posix;
        this.device = device;
        this.runners = runners;
        this.health = health;
        this.channel = channel;
        this.waiter = waiter;
        this.log = log;
        this.notices = notices;
        this.configurationChanged = configurationChanged;
        rings = new VringSetup[runners.size()];
        for (int i = 0; i < rings.length; i++) {
            rings[i] = new VringSetup();
        }
        offeredFeatures = VirtioFeatures.offered(device, VirtioFeatures.LIBRARY);
    }

    /** Carries out the message that the channel received. */
    private void handle() throws PeerException {
        if (!memory.isBacked()) {
            health.breakDown("the driver made its memory file shorter");
            throw new MessageException("the driver made its memory file shorter");
        }
        MessageHeader header = channel.header();
        boolean acknowledge = header.needReply() && (protocolFeatures & ProtocolFeatures.REPLY_ACK) != 0;
        DriverRequest request = DriverRequest.of(header.request());
        boolean answered = request != null && request.answered();
        boolean good;
        try {
            if (request == null) {
                throw new MessageException("request " + Integer.toUnsignedString(header.request()) + " is not known");
            }
            request.check(header.payloadBytes(), channel.descriptors().size());
            good = carryOut(request, header.payloadBytes());
        } catch (PeerException e) {
            if (request == DriverRequest.GET_CONFIG) {
                log.warn("refused: " + e.getMessage());
                channel.reply(0); // an empty payload says that it failed
                return;
            }
            if (!acknowledge || answered) {
                throw e;
            }
            log.warn("refused: " + e.getMessage());
            good = false;
        }
        if (acknowledge && !answered) {
            replyLong(good ? 0 : 1);
        }
    }

    /** Whether it went well; false is told to a driver that asks, and is no reason to close. */
    private boolean carryOut(DriverRequest request, int payloadBytes) throws PeerException {
        ByteBuffer payload = channel.payload();
        switch (request) {
            case GET_FEATURES -> replyLong(offeredFeatures);
            case SET_FEATURES -> {
                return setFeatures(payload.getLong(0));
            }
            case GET_PROTOCOL_FEATURES -> replyLong(ProtocolFeatures.OFFERED);
            case SET_PROTOCOL_FEATURES -> setProtocolFeatures(payload.getLong(0));
            case SET_OWNER -> {
                // One client a socket: whoever is connected owns the device.
            }
            case RESET_OWNER -> {
                // Deprecated, and what it should do was never agreed upon; the document advises to ignore it.
            }
            case SET_MEM_TABLE ->
                setMemoryTable(MemoryTable.read(
                        payload, payloadBytes, channel.descriptors().size()));
            case ADD_MEM_REG -> addRegion(SingleRegion.read(payload));
            case REM_MEM_REG -> moveTo(memory.without(SingleRegion.read(payload)));
            case GET_MAX_MEM_SLOTS -> replyLong(MemoryMap.MAX_SLOTS);
            case SET_VRING_NUM -> setSize(state(payload));
            case SET_VRING_ADDR -> {
                VringAddress address = VringAddress.read(payload, rings.length, format());
                setAddresses(address.index(), address.rings());
            }
            case SET_VRING_BASE -> setBase(state(payload));
            case GET_VRING_BASE -> getBase(state(payload).index());
            case SET_VRING_KICK -> setKick(descriptor(payload));
            case SET_VRING_CALL -> setCall(descriptor(payload));
            case SET_VRING_ERR -> setError(descriptor(payload));
            case SET_VRING_ENABLE -> enable(state(payload));
            case GET_QUEUE_NUM -> replyLong(rings.length);
            case GET_CONFIG -> getConfig(ConfigSpace.read(payload, payloadBytes));
            case SET_CONFIG -> setConfig(ConfigSpace.read(payload, payloadBytes), payload);
            case RESET_DEVICE -> reset();
            case SET_STATUS -> setStatus(payload.getLong(0));
            case GET_STATUS -> replyLong(status | (health.broken() ? STATUS_NEEDS_RESET : 0));
            case SET_BACKEND_REQ_FD -> setNoticeChannel();
            case SET_LOG_BASE, SET_LOG_FD, GET_INFLIGHT_FD, SET_INFLIGHT_FD ->
                throw new MessageException(request + " belongs to a protocol feature that was not offered");
        }
        return true;
    }

    // --- negotiation ---------------------------------------------------------------------------------------------

    private boolean setFeatures(long wanted) throws PeerException {
        if ((wanted & ~offeredFeatures) != 0) {
            throw new MessageException(
                    "features 0x" + Long.toHexString(wanted & ~offeredFeatures) + " were not offered");
        }
        if (anyRunning()) {
            if (wanted == features) {
                return featuresAccepted;
            }
            throw new MessageException("features cannot change while rings run");
        }
        features = wanted;
        if ((wanted & ~VirtioFeatures.PROTOCOL_FEATURES) == 0) {
            // Some hypervisors acknowledge protocol features before the guest has a say: no rings yet, and no error.
            featuresAccepted = false;
            return true;
        }
        featuresAccepted = (wanted & VirtioFeatures.VERSION_1) != 0 && device.acceptFeatures(wanted);
        if (featuresAccepted) {
            device.featuresChosen(wanted);
            startReady();
            return true;
        }
        log.warn("does not work with features 0x" + Long.toHexString(wanted) + ": no ring will start");
        // With the status field the driver learns it there: FEATURES_OK does not stay set.
        return (protocolFeatures & ProtocolFeatures.STATUS) != 0;
    }

    private void setProtocolFeatures(long wanted) throws PeerException {
        if ((wanted & ~ProtocolFeatures.OFFERED) != 0) {
            throw new MessageException("protocol features 0x" + Long.toHexString(wanted & ~ProtocolFeatures.OFFERED)
                    + " were not offered");
        }
        protocolFeatures = wanted;
    }

    private void setStatus(long value) throws PeerException {
        if ((value & ~0xFF) != 0) {
            throw new MessageException("status 0x" + Long.toHexString(value) + " has more than eight bits");
        }
        if (value == 0) {
            reset();
            return;
        }
        status = (int) value & ~STATUS_NEEDS_RESET;
        if (!featuresAccepted) {
            status &= ~STATUS_FEATURES_OK;
        }
    }

    private void reset() {
        stopAll();
        for (VringSetup ring : rings) {
            ring.enabled = false;
            ring.base = OptionalInt.empty();
        }
        features = 0;
        featuresAccepted = false;
        status = 0;
        health.recover();
        device.reset();
    }

    // --- configuration space -------------------------------------------------------------------------------------

    private void getConfig(ConfigSpace access) {
        byte[] bytes = new byte[access.size()];
        device.readConfig(access.offset(), bytes);
        ByteBuffer answer = channel.answer();
        answer.putInt(ConfigSpace.OFFSET_OFFSET, access.offset());
        answer.putInt(ConfigSpace.SIZE_OFFSET, access.size());
        answer.putInt(ConfigSpace.FLAGS_OFFSET, access.flags());
        answer.put(ConfigSpace.HEADER_SIZE, bytes);
        channel.reply(ConfigSpace.HEADER_SIZE + bytes.length);
    }

    private void setConfig(ConfigSpace access, ByteBuffer payload) throws PeerException {
        byte[] bytes = new byte[access.size()];
        payload.get(ConfigSpace.HEADER_SIZE, bytes);
        if (!device.writeConfig(access.offset(), bytes)) {
            throw new MessageException(
                    "configuration bytes " + access.size() + " from " + access.offset() + " on cannot be written");
        }
    }

    private void setNoticeChannel() throws PeerException {
        if (channel.descriptors().size() != 1) {
            throw new MessageException("SET_BACKEND_REQ_FD carries no descriptor");
        }
        notices.use(channel.descriptors().take(0));
    }

    /** Perhaps the configuration space has changed; {@link #turned} tells the driver. */
    @Override
    public void woken() {
        if (configurationChanged.getAndSet(false)) {
            notices.changed();
        }
    }

    /** The driver has something to say on the channel that is ours. */
    @Override
    public void ready(long token) {
        notices.receive();
    }

    /** Tells the driver what it has to be told. Not within a drain, which is most often the beginning of a stop. */
    @Override
    public void turned() {
        if ((protocolFeatures & ProtocolFeatures.CONFIG) != 0 && inService()) {
            notices.send((protocolFeatures & ProtocolFeatures.REPLY_ACK) != 0);
        }
    }

    /** Rings run, and none of them is disabled, which is how a hypervisor begins to stop its device. */
    private boolean inService() {
        boolean any = false;
        for (VringSetup ring : rings) {
            if (ring.running) {
                any = true;
                if (!serves(ring)) {
                    return false;
                }
            }
        }
        return any;
    }

    // --- memory --------------------------------------------------------------------------------------------------

    private void setMemoryTable(List<RegionDescription> regions) throws PeerException {
        FdBatch batch = channel.descriptors();
        List<Fd> fds = new ArrayList<>();
        for (int i = 0; i < regions.size(); i++) {
            fds.add(batch.take(i));
        }
        moveTo(MemoryMap.of(posix, regions, fds));
    }

    private void addRegion(RegionDescription region) throws PeerException {
        if (channel.descriptors().size() != 1) {
            throw new MessageException("ADD_MEM_REG carries no descriptor");
        }
        moveTo(memory.with(posix, region, channel.descriptors().take(0)));
    }

    /** Brings all queues to rest, moves them to other memory, and lets them go on as far as their rings are in it. */
    private void moveTo(MemoryMap next) {
        drain(running());
        MemoryMap before = memory;
        memory = next;
        for (int i = 0; i < rings.length; i++) {
            VringSetup ring = rings[i];
            if (ring.running) {
                QueueRunner runner = runners.get(i);
                if (!runner.loop().call(() -> runner.rebind(next.memory()))) {
                    // Starts again where it stopped once memory with the ring is there, or it gets other addresses.
                    stopDrained(i);
                    ring.kicked = true;
                } else if (serves(ring)) {
                    resume(runner);
                }
            }
        }
        if (!memoryPinned) {
            before.releaseExcept(next);
        }
        startReady();
    }

    // --- rings ---------------------------------------------------------------------------------------------------

    private void setSize(VringState state) throws PeerException {
        VringSetup ring = stopped(state.index(), "size");
        ring.size = state.queueSize(format(), device.maxQueueSize());
        startReady();
    }

    private void setBase(VringState state) throws PeerException {
        VringSetup ring = stopped(state.index(), "base");
        ring.base = OptionalInt.of(state.base(format()));
    }

    private void setAddresses(int index, RingAddresses addresses) throws PeerException {
        VringSetup ring = rings[index];
        if (ring.running) {
            // Sent again, unchanged, when a hypervisor switches logging.
            if (!addresses.equals(ring.addresses)) {
                throw new MessageException("queue " + index + " runs, its addresses cannot change");
            }
            return;
        }
        ring.addresses = addresses;
        startReady();
    }

    /** Stops the ring and tells where. The next SET_VRING_KICK starts it again. */
    private void getBase(int index) {
        VringSetup ring = rings[index];
        if (ring.running) {
            drain(List.of(runners.get(index)));
            stopDrained(index);
        }
        ring.kicked = false;
        VringSetup.closeIfSet(ring.kick);
        ring.kick = null;
        recoverIfAllStopped();
        new VringState(index, ring.base.orElse(format().freshBase())).write(channel.answer(), 0);
        channel.reply(VringState.SIZE);
    }

    private void setKick(VringDescriptor which) throws PeerException {
        VringSetup ring = rings[which.index()];
        EventFd descriptor = takeEventFd(which);
        EventFd old = ring.kick;
        if (ring.running) {
            QueueRunner runner = runners.get(which.index());
            try {
                runner.loop().run(() -> runner.setKick(descriptor, descriptor == null));
            } catch (PosixException e) {
                VringSetup.closeIfSet(descriptor);
                ring.kick = null;
                throw new MessageException("queue " + which.index() + " cannot wait for its kicks: " + e.getMessage());
            } finally {
                VringSetup.closeIfSet(old);
            }
        } else {
            VringSetup.closeIfSet(old);
        }
        ring.kick = descriptor;
        ring.kicked = true;
        startReady();
    }

    private void setCall(VringDescriptor which) throws PeerException {
        VringSetup ring = rings[which.index()];
        EventFd descriptor = takeEventFd(which);
        EventFd old = ring.call;
        ring.call = descriptor;
        QueueRunner runner = runners.get(which.index());
        try {
            runner.loop().run(() -> runner.setCall(descriptor == null ? null : descriptor::signal));
        } finally {
            VringSetup.closeIfSet(old);
        }
    }

    private void setError(VringDescriptor which) throws PeerException {
        VringSetup ring = rings[which.index()];
        EventFd descriptor = takeEventFd(which);
        QueueRunner runner = runners.get(which.index());
        runner.loop().run(() -> runner.setError(descriptor == null ? null : descriptor::signal));
        VringSetup.closeIfSet(ring.error);
        ring.error = descriptor;
    }

    private void enable(VringState state) throws PeerException {
        boolean enabled = state.enabled();
        VringSetup ring = rings[state.index()];
        boolean served = serves(ring);
        ring.enabled = enabled;
        if (ring.running && served != serves(ring)) {
            QueueRunner runner = runners.get(state.index());
            if (served) {
                drain(List.of(runner));
            } else {
                resume(runner);
            }
        }
        startReady();
    }

    /** Starts each ring that has all it needs. */
    private void startReady() {
        for (int i = 0; i < rings.length; i++) {
            VringSetup ring = rings[i];
            RingAddresses addresses = ring.addresses;
            if (!ring.running
                    && ring.kicked
                    && ring.size != 0
                    && addresses != null
                    && featuresAccepted
                    && serves(ring)
                    && !health.broken()) {
                start(i, ring, addresses);
            }
        }
    }

    private void start(int index, VringSetup ring, RingAddresses addresses) {
        QueueRunner runner = runners.get(index);
        RingFormat format = format();
        int base = ring.base.orElse(format.freshBase());
        String wrong = format.wrong(ring.size, base, addresses);
        if (wrong != null) {
            // What no message alone shows: the features came last, or the base does not go with the size.
            runner.loop().run(() -> runner.refuse("the ring: " + wrong));
            return;
        }
        Virtqueue queue = format.open(index, ring.size, base, addresses, features, runner, runner.counters());
        if (!queue.rebind(memory.memory())) {
            return; // memory with the ring may still come
        }
        EventFd kick = ring.kick;
        long chosen = features;
        try {
            runner.loop().run(() -> {
                runner.start(queue, chosen);
                runner.setKick(kick, kick == null);
                runner.resume();
            });
        } catch (PosixException e) {
            runner.loop().run(runner::abandon);
            health.breakDown("queue " + index + " cannot wait for its kicks: " + e.getMessage());
            log.warn("queue " + index + " cannot wait for its kicks: " + e.getMessage());
            return;
        }
        ring.running = true;
        LOG.debug(
                "{}: queue {} runs, {} entries from 0x{}, {}",
                device.name(),
                index,
                ring.size,
                Integer.toHexString(base),
                format);
    }

    /** What the rings look like with the features chosen so far, which come before sizes and addresses. */
    private RingFormat format() {
        return RingFormat.of(features);
    }

    private boolean serves(VringSetup ring) {
        return ring.enabled || (features & VirtioFeatures.PROTOCOL_FEATURES) == 0;
    }

    private void resume(QueueRunner runner) {
        runner.loop().run(runner::resume);
    }

    /** Waits until nothing is in flight. Queues that lost requests are given up. */
    private void drain(List<QueueRunner> draining) {
        for (QueueRunner runner : draining) {
            runner.loop().run(runner::beginDrain);
        }
        if (waiter.await(draining)) {
            return;
        }
        for (int i = 0; i < rings.length; i++) {
            QueueRunner runner = runners.get(i);
            if (rings[i].running && draining.contains(runner) && !runner.drained()) {
                LOG.error(
                        "{}: gives up {} requests in flight, and keeps {} bytes of the driver's memory mapped for them",
                        runner.name(),
                        runner.inFlight(),
                        memory.bytes());
                runner.loop().run(runner::abandon);
                rings[i].running = false;
                rings[i].kicked = false;
                memoryPinned = true;
            }
        }
    }

    private void stopDrained(int index) {
        VringSetup ring = rings[index];
        if (ring.running) {
            QueueRunner runner = runners.get(index);
            ring.base = OptionalInt.of(runner.loop().call(runner::stop));
            ring.running = false;
            ring.kicked = false;
        }
    }

    private void stopAll() {
        drain(running());
        for (int i = 0; i < rings.length; i++) {
            stopDrained(i);
            rings[i].kicked = false;
        }
    }

    /** A driver that has stopped all rings starts over, whether or not it knows the status field. */
    private void recoverIfAllStopped() {
        if (!anyRunning()) {
            health.recover();
        }
    }

    private boolean anyRunning() {
        for (VringSetup ring : rings) {
            if (ring.running) {
                return true;
            }
        }
        return false;
    }

    private List<QueueRunner> running() {
        List<QueueRunner> result = new ArrayList<>();
        for (int i = 0; i < rings.length; i++) {
            if (rings[i].running) {
                result.add(runners.get(i));
            }
        }
        return result;
    }

    private VringSetup stopped(int index, String what) throws PeerException {
        if (rings[index].running) {
            throw new MessageException("queue " + index + " runs, its " + what + " cannot change");
        }
        return rings[index];
    }

    private VringState state(ByteBuffer payload) throws PeerException {
        return VringState.read(payload, rings.length);
    }

    private VringDescriptor descriptor(ByteBuffer payload) throws PeerException {
        return VringDescriptor.read(payload, channel.descriptors().size(), rings.length);
    }

    private @Nullable EventFd takeEventFd(VringDescriptor which) throws PeerException {
        return which.present()
                ? PeerDescriptors.eventFd(posix, channel.descriptors().take(0))
                : null;
    }

    private void replyLong(long value) {
        channel.answer().putLong(0, value);
        channel.reply(Long.BYTES);
    }

    @Override
    public UnixConnection connection() {
        return channel.connection();
    }

    @Override
    public boolean serve() throws PeerException, EOFException {
        if (!channel.receive()) {
            return false;
        }
        handle();
        return true;
    }

    @Override
    public void giveUp() {
        channel.giveUp();
    }

    /** The driver has gone, or is told to: all rings stop, all it shared is let go of. */
    @Override
    public void close() {
        stopAll();
        for (int i = 0; i < rings.length; i++) {
            QueueRunner runner = runners.get(i);
            runner.loop().run(() -> {
                runner.setCall(null);
                runner.setError(null);
            });
            rings[i].close();
        }
        if (!memoryPinned) {
            memory.releaseExcept(MemoryMap.EMPTY);
        }
        health.recover();
        notices.close();
        channel.close();
        device.reset();
    }
}
