internal import CLinuxBus
internal import MCTPWire

extension TransmissionResult {
  /// How an I2C transfer ended, by what its driver returned. Nothing is retried here.
  ///
  /// Drivers do not agree in everything: an address that is not acknowledged is ENXIO in most and
  /// EREMOTEIO in some, and EIO is also any failure of the controller.
  ///
  /// - Parameter outcome: 0 or a negative errno value. Nil for ENODEV: the device is gone.
  package init?(i2cOutcome outcome: Int32) {
    switch -outcome {
    case 0: self = .sent
    case ENXIO, EREMOTEIO: self = .addressNotAcknowledged
    case EIO: self = .dataNotAcknowledged
    case EAGAIN: self = .arbitrationLost
    case EBUSY: self = .busBusy
    case ETIMEDOUT: self = .timedOut
    case EOPNOTSUPP, EINVAL: self = .refused
    case ENODEV: return nil
    // EPROTO is a sequence that the controller cannot make sense of.
    // Choice: everything unknown counts as the bus's failure, which may be retried.
    default: self = .busError
    }
  }
}
