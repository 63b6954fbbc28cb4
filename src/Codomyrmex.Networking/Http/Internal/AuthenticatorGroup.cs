namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Several authenticators of one message, those that sign it last.</summary>
internal sealed class AuthenticatorGroup(IEnumerable<Authenticator> members) : Authenticator
{
    private readonly Authenticator[] _members = [.. members.OrderBy(member => member.CoversMessage)];

    public override string Identity => string.Join('\n', _members.Select(member => member.Identity));

    public override async ValueTask<object?> PrepareAsync(RequestToSign request, CancellationToken cancellationToken)
    {
        var prepared = new object?[_members.Length];
        for (var i = 0; i < _members.Length; i++)
            prepared[i] = await _members[i].PrepareAsync(request, cancellationToken).ConfigureAwait(false);
        return prepared;
    }

    public override bool WantsReplay(RequestToSign request, HttpResponseMessage answer, object? prepared, bool isLast)
    {
        // Each one sees the answer, whatever the others say.
        var isWanted = false;
        for (var i = 0; i < _members.Length; i++)
            isWanted |= _members[i].WantsReplay(request, answer, ((object?[])prepared!)[i], isLast);
        return isWanted;
    }
}
