using System.Net.Sockets;

namespace Codomyrmex.Networking.Fleet.Internal.Hosting;

/// <summary>What the engine's failures mean, in our words.</summary>
internal static class FleetFailure
{
    /// <summary>Why a machine did not start.</summary>
    public static NetworkException OfStart(Exception error)
    {
        var cause = error.GetBaseException();
        return cause is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse or SocketError.AddressNotAvailable or SocketError.AccessDenied }
            ? Make(ErrorCodes.LocalAddress, $"The machine cannot listen: {cause.Message.TrimEnd('.')}.", "Choose another address or port; another machine of the fleet may run here.", error)
            : Make(ErrorCodes.FleetUnreachable, $"The machine could not take part in the fleet: {cause.Message.TrimEnd('.')}.", "Check that its Redis or PostgreSQL answers, and that its clock and certificates are right.", error);
    }

    /// <summary>Why no connection to a machine was made.</summary>
    public static NetworkException OfConnection(NetworkException error) => new NetworkFailure
    {
        Code = ErrorCodes.FleetUnreachable,
        Message = $"No machine of the fleet answered: {error.Message.TrimEnd('.')}.",
        Phase = error.Phase,
        Endpoint = error.Endpoint,
        Attempts = error.Attempts,
        Elapsed = error.Elapsed,
    }.ToException(error);

    /// <summary>Why a call was not answered.</summary>
    public static NetworkException OfCall(Exception error) =>
        Make(ErrorCodes.FleetUnreachable, $"No machine of the fleet answered: {error.GetBaseException().Message.TrimEnd('.')}.", null, error);

    private static NetworkException Make(string code, string message, string? hint, Exception error) =>
        new NetworkFailure { Code = code, Message = message, Hint = hint, Phase = NetworkPhase.Connect }.ToException(error);
}
