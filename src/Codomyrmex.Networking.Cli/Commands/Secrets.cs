using System.Text;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.WebSockets;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>Finds credentials where they belong: in the environment, in a file, on standard input, in somebody's head; not among the arguments.</summary>
internal static class Secrets
{
    public static Credential? Read(Invocation run)
    {
        var (user, variable) = Asked(run);
        if (user is null && run.Arguments.Has(HttpOptions.Digest))
            throw new UsageException("--digest needs the user whose password it proves: --auth USER.", HttpOptions.Digest.Name);
        return variable is not null ? Checked(HttpOptions.BearerEnv.Name, () => Credential.Bearer(Variable(run, variable)))
            : user is not null ? OfUser(run, user, run.Arguments.Has(HttpOptions.Digest))
            : null;
    }

    /// <summary>Puts a credential into the fields of a handshake.</summary>
    public static void AddTo(HeaderMap fields, Invocation run)
    {
        if (run.Arguments.Text(HttpOptions.PasswordFile) == "-")
            throw new UsageException("--password-file: the lines of standard input are messages; name a file.", HttpOptions.PasswordFile.Name);
        var (user, variable) = Asked(run);
        if (user is not null && !run.Arguments.Has(HttpOptions.Digest))
            fields["Authorization"] = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{Password(run, user)}"));
        else if (variable is not null)
            Checked(HttpOptions.BearerEnv.Name, () => fields["Authorization"] = "Bearer " + Variable(run, variable));
    }

    /// <summary>The password that a handshake proves.</summary>
    public static WebSocketDigest? ReadDigest(Invocation run)
    {
        if (!run.Arguments.Has(HttpOptions.Digest))
            return null;
        var user = Asked(run).User ?? throw new UsageException("--digest needs the user whose password it proves: --auth USER.", HttpOptions.Digest.Name);
        return new WebSocketDigest(user, Password(run, user));
    }

    /// <summary>The credential that a session refers to, for its one origin.</summary>
    public static Credential? Of(Invocation run, SessionCredential reference) => reference switch
    {
        { BearerEnv: { } variable } => Checked(HttpOptions.Session.Name, () => Credential.Bearer(Variable(run, variable), reference.Origin)),
        { User: { } user } => OfUser(run, user, reference.IsDigest, reference.Origin),
        _ => null,
    };

    private static (string? User, string? Variable) Asked(Invocation run)
    {
        var user = run.Arguments.Text(HttpOptions.Auth);
        var variable = run.Arguments.Text(HttpOptions.BearerEnv);
        if (user is not null && variable is not null)
            throw new UsageException("--auth and --bearer-env exclude each other.", HttpOptions.BearerEnv.Name);
        if (user is null && variable is null && run.Arguments.Has(HttpOptions.PasswordFile))
            throw new UsageException("--password-file needs the user it belongs to: --auth USER.", HttpOptions.PasswordFile.Name);
        return (user, variable);
    }

    private static Credential OfUser(Invocation run, string user, bool isDigest, string? origin = null)
    {
        var password = Password(run, user);
        return Checked(HttpOptions.Auth.Name, () => isDigest ? Credential.Digest(user, password, origin: origin) : Credential.Basic(user, password, origin));
    }

    private static string Password(Invocation run, string user)
    {
        if (user.Contains(':', StringComparison.Ordinal))
        {
            throw new UsageException("--auth takes the user alone; the password comes from CODONET_PASSWORD, from --password-file, or is asked for.",
                HttpOptions.Auth.Name);
        }
        return FromFile(run) ?? run.Context.Environment("CODONET_PASSWORD") ?? run.Context.AskSecret($"Password of {user}: ") ??
            throw new UsageException("--auth: there is no password; set CODONET_PASSWORD or name a --password-file.", HttpOptions.Auth.Name);
    }

    private static string Variable(Invocation run, string name) => run.Context.Environment(name) is { Length: > 0 } token
        ? token.Trim()
        : throw new UsageException($"--bearer-env: the variable {name} is not set.", HttpOptions.BearerEnv.Name);

    private static string? FromFile(Invocation run) => run.Arguments.Read(HttpOptions.PasswordFile, path =>
    {
        using var stream = path == "-" ? run.Context.OpenInput() : File.OpenRead(path);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadLine() ?? "";
    });

    private static T Checked<T>(string option, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (ArgumentException)
        {
            // Not the message: it may quote the secret.
            throw new UsageException($"{option}: the credential has characters that a header field cannot carry.", option);
        }
    }
}
