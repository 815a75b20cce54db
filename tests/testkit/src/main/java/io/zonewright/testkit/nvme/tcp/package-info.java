/**
 * NVMe/TCP as a host speaks it, from the NVM Express TCP Transport specification 1.1, with full control over each PDU.
 */
@NullMarked
package io.zonewright.testkit.nvme.tcp;

import org.jspecify.annotations.NullMarked;
