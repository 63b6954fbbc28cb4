using System.Text;
using Renci.SshNet;

namespace Codomyrmex.Networking.Ssh.Internal.Engine;

/// <summary>Credentials as the engine's methods, for one connection. Key files are read and agents asked before the connection is used, so that a missing key costs no attempt.</summary>
internal sealed class EngineCredentials : IDisposable
{
    private readonly LinkSetup _setup;
    private readonly CancellationToken _cancellationToken;
    private readonly List<IDisposable> _owned = [];
    private readonly Dictionary<AuthenticationMethod, BoundCredential> _bound = [];
    private SSHException? _passedOver;

    private EngineCredentials(LinkSetup setup, CancellationToken cancellationToken) => (_setup, _cancellationToken) = (setup, cancellationToken);

    /// <summary>What went wrong in a callback of the caller's; null for nothing.</summary>
    public Exception? Failure { get; private set; }

    public static EngineCredentials Prepare(LinkSetup setup, CancellationToken cancellationToken) => new(setup, cancellationToken);

    public async Task<List<AuthenticationMethod>> LoadAsync()
    {
        var methods = new List<AuthenticationMethod>();
        foreach (var credential in _setup.Credentials)
        {
            var before = methods.Count;
            var bound = credential as BoundCredential;
            switch (bound?.Inner ?? credential)
            {
                case KeyFileCredential key:
                    await AddAsync(methods, key.IsOptional, () => Task.FromResult<IReadOnlyList<IPrivateKeySource>>([Own(KeyFile.Load(key, _setup.MinimumRsaBits, _setup.Algorithms == SSHAlgorithms.Legacy))])).ConfigureAwait(false);
                    break;
                case AgentCredential agent when (agent.SocketPath ?? AgentClient.DefaultPath) is { } path:
                    await AddAsync(methods, agent.IsOptional, () => AgentKey.OfAsync(new AgentClient(path, AgentClient.DefaultLimit, _setup.Clock), agent.Only, _setup.MinimumRsaBits, _cancellationToken)).ConfigureAwait(false);
                    break;
                case PasswordCredential password:
                    methods.Add(Own(new PasswordAuthenticationMethod(_setup.User, Encoding.UTF8.GetBytes(password.Value))));
                    break;
                case InteractiveCredential interactive:
                    methods.Add(Interactive(interactive));
                    break;
                case NoCredential:
                    break;
                default:
                    throw new NetworkFailure { Code = ErrorCodes.SshAgent, Message = "There is no agent: SSH_AUTH_SOCK names none.", Phase = NetworkPhase.Prepare }.ToException();
            }
            foreach (var method in bound is null ? [] : methods.Skip(before))
                _bound.Add(method, bound!);
        }
        if (methods.Count == 0 && _passedOver is not null)
            throw _passedOver;
        // An agent without keys leaves nothing to try: the engine then learns what the server wants.
        return methods.Count > 0 ? methods : [Own(new NoneAuthenticationMethod(_setup.User))];
    }

    /// <summary>The host key is known now: what is bound to others is taken out before anything of it is shown.</summary>
    /// <param name="methods">The methods, of which those that are not for this server are replaced by one that shows nothing.</param>
    /// <param name="fingerprint">The host key's.</param>
    /// <exception cref="SSHException">None is left.</exception>
    public void Confine(IList<AuthenticationMethod> methods, string fingerprint)
    {
        var isAnyLeft = false;
        for (var i = 0; i < methods.Count; i++)
        {
            if (_bound.TryGetValue(methods[i], out var bound) && !bound.IsFor(fingerprint))
                methods[i] = Own(new NoneAuthenticationMethod(_setup.User));
            else
                isAnyLeft = true;
        }
        if (isAnyLeft)
            return;
        throw new NetworkFailure
        {
            Code = ErrorCodes.SshAuthentication,
            Message = $"No credential of '{Printable.Text(_setup.User)}' is for {_setup.Endpoint}: its host key is {fingerprint}, and they are bound to {string.Join(", ", _bound.Values.SelectMany(static bound => bound.Fingerprints).Distinct().Take(5))}.",
            Hint = "Nothing of them was shown. It is another server than the one that they are meant for, or it has a new key: ask its operator by another way, and bind them anew (SSHCredential.OnlyFor).",
            Phase = NetworkPhase.Authenticate,
            Endpoint = _setup.Endpoint,
            WasSent = WasSent.Never,
        }.ToException();
    }

    public void Dispose() => _owned.ForEach(static owned => owned.Dispose());

    private async Task AddAsync(List<AuthenticationMethod> methods, bool isOptional, Func<Task<IReadOnlyList<IPrivateKeySource>>> load)
    {
        try
        {
            methods.AddRange((await load().ConfigureAwait(false)).Select(key => Keys(key)));
        }
        catch (SSHException unusable) when (isOptional)
        {
            _passedOver ??= unusable;
        }
    }

    private PrivateKeyAuthenticationMethod Keys(IPrivateKeySource key) => Own(new PrivateKeyAuthenticationMethod(_setup.User, key));

    private KeyboardInteractiveAuthenticationMethod Interactive(InteractiveCredential credential)
    {
        var method = Own(new KeyboardInteractiveAuthenticationMethod(_setup.User));
        // On a thread of the engine's own, which has nothing else to do.
        method.AuthenticationPrompt += (_, asked) =>
        {
            try
            {
                var challenge = new SSHChallenge(asked.Instruction ?? "", [.. asked.Prompts.Select(prompt => new SSHQuestion(prompt.Request, prompt.IsEchoed))]);
                var answers = credential.Answer(challenge, _cancellationToken).AsTask().GetAwaiter().GetResult();
                if (answers.Count != challenge.Questions.Count)
                    throw new ArgumentException($"The server asked {challenge.Questions.Count} questions, and got {answers.Count} answers.");
                foreach (var (prompt, answer) in asked.Prompts.Zip(answers))
                    prompt.Response = answer;
            }
            catch (Exception error)
            {
                Failure = error;
                throw;
            }
        };
        return method;
    }

    private T Own<T>(T owned) where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }
}
