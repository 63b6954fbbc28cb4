namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>Why the fleet did not do what was asked: what an exception says, on its way to another process.</summary>
[GenerateSerializer, Immutable]
internal sealed record Refusal([property: Id(0)] string Code, [property: Id(1)] string Message, [property: Id(2)] string? Hint)
{
    public static Refusal Of(NetworkException error) => new(error.Code, error.Message, error.Hint);

    public NetworkException ToException() => new NetworkFailure { Code = Code, Message = Message, Hint = Hint, Phase = NetworkPhase.Prepare }.ToException();
}
