/**
 * DH-HMAC-CHAP, the in-band authentication of NVMe over Fabrics (Base 2.1, section 8.3.5): secrets, hashes, groups, and
 * the controller's side of the exchange. Knows no connection: messages in, messages out.
 */
@NullMarked
package io.zonewright.frontend.nvme.tcp.auth;

import org.jspecify.annotations.NullMarked;
