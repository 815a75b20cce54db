/**
 * Protocol data units of NVMe/TCP as numbers and offsets; NVM Express TCP Transport Specification 1.1, section 3.6.
 */
@NullMarked
package io.zonewright.frontend.nvme.tcp.pdu;

import org.jspecify.annotations.NullMarked;
