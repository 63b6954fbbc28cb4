using System.Text.Json;
using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>
/// <c>--session NAME</c>: cookies, HSTS hosts and plain fields from one run to the next, in the user's own folder. Tokens and passwords are not written: of them only
/// where they come from, and for which origin.
/// </summary>
internal sealed class NamedSession
{
    private readonly string _folder;
    private readonly CookieJar _cookies;
    private readonly HstsStore _hosts;
    private SessionFile _file;

    private NamedSession(string folder, CookieJar cookies, HstsStore hosts, SessionFile file) => (_folder, _cookies, _hosts, _file) = (folder, cookies, hosts, file);

    /// <summary>Opens the session that the command line names; null where it names none.</summary>
    public static async Task<NamedSession?> OpenAsync(Invocation run)
    {
        if (run.Arguments.Read(HttpOptions.Session, Checked) is not { } name)
            return null;
        var folder = Path.Combine(Home(run), "codonet", "sessions", name);
        try
        {
            return new NamedSession(folder,
                await CookieJar.LoadAsync(Path.Combine(folder, "cookies.json"), new CookieJarOptions { SaveSessionCookies = true }, run.Context.Interrupted),
                await HstsStore.LoadAsync(Path.Combine(folder, "hsts.json"), cancellationToken: run.Context.Interrupted),
                await ReadAsync(Path.Combine(folder, "session.json"), run.Context.Interrupted));
        }
        catch (Exception error) when (error is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{HttpOptions.Session.Name}: {error.Message}", HttpOptions.Session.Name, error);
        }
    }

    public HTTPClientOptions Apply(HTTPClientOptions settings) => settings with { Cookies = _cookies, Hsts = _hosts };

    /// <summary>The request with what the session adds; what the command line says goes first, and is remembered.</summary>
    public Request Apply(Invocation run, Request request, List<RequestItem> items)
    {
        var known = new Dictionary<string, string>(_file.Headers ?? [], StringComparer.OrdinalIgnoreCase);
        foreach (var item in items.Where(item => item.Kind == RequestItemKind.Header && item.Value.Length == 0))
            known.Remove(item.Name);
        var headers = new HeaderMap();
        foreach (var (name, value) in request.Options.Headers ?? [])
        {
            headers.Add(name, value);
            known.Remove(name);
        }
        foreach (var (name, value) in known)
            headers.Add(name, value);
        // Given twice, it is a list: the last stands for it.
        foreach (var (name, value) in (request.Options.Headers ?? []).Where(field => !Redactor.IsSecretHeader(field.Key, field.Value) && IsKept(field.Key)))
            known[name] = value;
        var origin = Uri.TryCreate(request.Url, UriKind.Absolute, out var url) ? $"{url.Scheme}://{url.Authority}" : "";
        var credential = Named(run, origin) ?? _file.Credential;
        _file = new SessionFile { Headers = known, Credential = credential };
        return request with
        {
            Options = request.Options with
            {
                Headers = headers.Count == 0 ? null : headers,
                Credential = request.Options.Credential ?? (credential?.Origin == origin && !run.Arguments.Has(HttpOptions.AsCurl) ? Secrets.Of(run, credential) : null),
            },
        };
    }

    /// <summary>Writes what the session has learned.</summary>
    public async Task SaveAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(_folder);
            else
                Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            await _cookies.SaveAsync(Path.Combine(_folder, "cookies.json"), cancellationToken);
            await _hosts.SaveAsync(Path.Combine(_folder, "hsts.json"), cancellationToken);
            using var output = new OutputFile(Path.Combine(_folder, "session.json"), HttpOptions.Session.Name, isPrivate: true);
            await JsonSerializer.SerializeAsync(output.Stream, _file, SessionJson.Default.SessionFile, cancellationToken);
            output.Complete();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new NetworkFailure
            {
                Code = ErrorCodes.LocalIo,
                Message = $"The session in '{_folder}' could not be written: {error.Message}",
                Hint = "Check the space and the permissions there.",
                WasSent = WasSent.Yes,
            }.ToException(error);
        }
    }

    // As HTTPie: what belongs to one body or one version of a resource is not for the next request.
    private static bool IsKept(string name) =>
        !name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase) && !name.StartsWith("If-", StringComparison.OrdinalIgnoreCase) &&
        !name.Equals("Range", StringComparison.OrdinalIgnoreCase) && !name.Equals("Host", StringComparison.OrdinalIgnoreCase);

    private static SessionCredential? Named(Invocation run, string origin)
    {
        var (user, variable) = (run.Arguments.Text(HttpOptions.Auth), run.Arguments.Text(HttpOptions.BearerEnv));
        return user is null && variable is null ? null : new SessionCredential(origin, user, run.Arguments.Has(HttpOptions.Digest), variable);
    }

    private static async Task<SessionFile> ReadAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
            return new SessionFile();
        try
        {
            var file = JsonSerializer.Deserialize(await File.ReadAllBytesAsync(path, cancellationToken), SessionJson.Default.SessionFile);
            return file is { Version: SessionFile.Current } && (file.Headers ?? []).Values.All(value => value is not null)
                ? file
                : throw new FormatException($"{path} is not a session of version {SessionFile.Current}. It was not changed.");
        }
        catch (JsonException error)
        {
            throw new FormatException($"{path} is not a session: {error.Message} It was not changed.", error);
        }
    }

    private static string Checked(string name) =>
        name.Length is > 0 and <= 64 && name[0] != '.' && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            ? name
            : throw new FormatException("a name has letters, digits, '-', '_' and '.', 64 at most, and does not begin with a dot.");

    // XDG Base Directory Specification; a relative path there is to be ignored.
    private static string Home(Invocation run)
    {
        if (run.Context.Environment("XDG_CONFIG_HOME") is { Length: > 0 } folder && Path.IsPathRooted(folder))
            return folder;
        if (OperatingSystem.IsWindows())
            return Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData);
        return run.Context.Environment("HOME") is { Length: > 0 } home
            ? Path.Combine(home, ".config")
            : throw new FormatException("there is no folder for it: neither XDG_CONFIG_HOME nor HOME is set.");
    }
}
