namespace Codomyrmex.Networking.Http.Internal;

/// <summary>
/// What a credential does beyond a fixed field: it completes a hop's message before it is sent, and may ask for one replay when it has seen the
/// answer. A credential hands it out for its own origin only, see <see cref="Credential.AuthenticatorFor"/>. Thread-safe; what belongs to one
/// message is returned by <see cref="PrepareAsync"/> and given back.
/// </summary>
internal abstract class Authenticator
{
    private string? _identity;

    /// <summary>Whether it signs other fields, and so must come after what sets them.</summary>
    public virtual bool CoversMessage => false;

    /// <summary>Whose requests these are: what a cache or shared requests tell callers apart by. Secret; one of a kind where nothing else is known.</summary>
    public virtual string Identity => _identity ?? Interlocked.CompareExchange(ref _identity, RandomText.Hex(16), null) ?? _identity;

    /// <summary>Sets the fields of a message, anew for every hop, attempt and replay.</summary>
    public abstract ValueTask<object?> PrepareAsync(RequestToSign request, CancellationToken cancellationToken);

    /// <summary>Looks at the fields of an answer; true asks to prepare and send the message once more.</summary>
    /// <param name="request">The message.</param>
    /// <param name="answer">The answer to it.</param>
    /// <param name="prepared">What <see cref="PrepareAsync"/> returned for it.</param>
    /// <param name="isLast">Whether this was the replay: another will not be granted.</param>
    public virtual bool WantsReplay(RequestToSign request, HttpResponseMessage answer, object? prepared, bool isLast) => false;
}
