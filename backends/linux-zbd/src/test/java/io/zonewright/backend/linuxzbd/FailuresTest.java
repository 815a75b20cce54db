package io.zonewright.backend.linuxzbd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zonewright.api.result.Cause;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class FailuresTest {
    /** Every status of the block layer, by its errno (Linux 7.0, block/blk-core.c). */
    @Test
    void everyStatusOfTheBlockLayerHasItsCause() {
        Map<Integer, Cause> expected = new TreeMap<>();
        expected.put(0, Cause.DONE); // BLK_STS_OK
        expected.put(95, Cause.UNSUPPORTED); // BLK_STS_NOTSUPP, EOPNOTSUPP
        expected.put(110, Cause.MEDIUM_ERROR); // BLK_STS_TIMEOUT, ETIMEDOUT
        expected.put(28, Cause.NO_SPACE); // BLK_STS_NOSPC, ENOSPC
        expected.put(67, Cause.MEDIUM_ERROR); // BLK_STS_TRANSPORT, ENOLINK
        expected.put(121, Cause.MEDIUM_ERROR); // BLK_STS_TARGET, EREMOTEIO
        expected.put(52, Cause.MEDIUM_ERROR); // BLK_STS_RESV_CONFLICT, EBADE
        expected.put(61, Cause.MEDIUM_ERROR); // BLK_STS_MEDIUM, ENODATA
        expected.put(84, Cause.MEDIUM_ERROR); // BLK_STS_PROTECTION, EILSEQ
        expected.put(12, Cause.MEDIUM_ERROR); // BLK_STS_RESOURCE, ENOMEM
        expected.put(16, Cause.MEDIUM_ERROR); // BLK_STS_DEV_RESOURCE, EBUSY
        expected.put(11, Cause.MEDIUM_ERROR); // BLK_STS_AGAIN, EAGAIN
        expected.put(19, Cause.MEDIUM_ERROR); // BLK_STS_OFFLINE, ENODEV
        expected.put(78, Cause.MEDIUM_ERROR); // BLK_STS_DM_REQUEUE, EREMCHG
        expected.put(109, Cause.OPEN_LIMIT); // BLK_STS_ZONE_OPEN_RESOURCE, ETOOMANYREFS
        expected.put(75, Cause.ACTIVE_LIMIT); // BLK_STS_ZONE_ACTIVE_RESOURCE, EOVERFLOW
        expected.put(62, Cause.MEDIUM_ERROR); // BLK_STS_DURATION_LIMIT, ETIME
        expected.put(22, Cause.INTERNAL_ERROR); // BLK_STS_INVAL, EINVAL
        expected.put(5, Cause.MEDIUM_ERROR); // BLK_STS_IOERR, EIO
        assertEquals(expected, causes(expected));
    }

    @Test
    void soHaveTheErrorsOfCallsAndFileSystems() {
        Map<Integer, Cause> expected = new TreeMap<>();
        expected.put(1, Cause.DEVICE_READ_ONLY); // EPERM: zone action on a read-only disk
        expected.put(6, Cause.MEDIUM_ERROR); // ENXIO
        expected.put(9, Cause.INTERNAL_ERROR); // EBADF
        expected.put(14, Cause.INTERNAL_ERROR); // EFAULT
        expected.put(25, Cause.UNSUPPORTED); // ENOTTY
        expected.put(27, Cause.NO_SPACE); // EFBIG
        expected.put(30, Cause.DEVICE_READ_ONLY); // EROFS
        expected.put(38, Cause.UNSUPPORTED); // ENOSYS
        expected.put(122, Cause.NO_SPACE); // EDQUOT
        expected.put(125, Cause.ABORTED); // ECANCELED
        expected.put(9999, Cause.MEDIUM_ERROR); // no error of Linux
        assertEquals(expected, causes(expected));
    }

    private static Map<Integer, Cause> causes(Map<Integer, Cause> of) {
        Map<Integer, Cause> found = new TreeMap<>();
        of.keySet().forEach(errno -> found.put(errno, Failures.cause(errno)));
        return found;
    }
}
