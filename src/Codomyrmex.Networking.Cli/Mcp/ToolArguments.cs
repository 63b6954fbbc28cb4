using System.Globalization;
using System.Text.Json;
using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Cli.Rendering;

namespace Codomyrmex.Networking.Cli.Mcp;

/// <summary>What a model sent a tool, checked against the tool's parameters. What is wrong is told in words that it can act on.</summary>
internal sealed class ToolArguments
{
    private readonly Dictionary<string, JsonElement> _values = new(StringComparer.Ordinal);

    private ToolArguments()
    {
    }

    /// <exception cref="UsageException">Something is missing, too much or of another form.</exception>
    public static ToolArguments Read(IReadOnlyList<Parameter> parameters, JsonElement json)
    {
        var arguments = new ToolArguments();
        if (json.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.Object))
            throw new UsageException("The arguments are no object.");
        if (json.ValueKind == JsonValueKind.Object)
        {
            foreach (var given in json.EnumerateObject())
            {
                var parameter = parameters.FirstOrDefault(parameter => parameter.Name == given.Name) ??
                    throw new UsageException($"There is no parameter '{Shown(given.Name)}'{Suggestion.Instead(Shown(given.Name), [.. parameters.Select(static parameter => parameter.Name)])}", Shown(given.Name));
                if (given.Value.ValueKind == JsonValueKind.Null)
                    continue;
                Check(parameter, given.Value);
                arguments._values[parameter.Name] = given.Value;
            }
        }
        if (parameters.FirstOrDefault(parameter => parameter.IsRequired && !arguments._values.ContainsKey(parameter.Name)) is { } missing)
            throw new UsageException($"'{missing.Name}' is missing: {missing.Help}.", missing.Name);
        return arguments;
    }

    public string? Text(string name) => _values.TryGetValue(name, out var value) ? value.GetString() : null;

    /// <summary>A text that is there, as it is required.</summary>
    public string Required(string name) => _values[name].GetString()!;

    public int Number(string name, int otherwise) => _values.TryGetValue(name, out var value) ? value.GetInt32() : otherwise;

    public bool Flag(string name) => _values.TryGetValue(name, out var value) && value.GetBoolean();

    public IReadOnlyList<string> Texts(string name) => _values.TryGetValue(name, out var value) ? [.. value.EnumerateArray().Select(static item => item.GetString()!)] : [];

    public IEnumerable<KeyValuePair<string, string>> Map(string name) =>
        _values.TryGetValue(name, out var value) ? value.EnumerateObject().Select(static pair => KeyValuePair.Create(pair.Name, pair.Value.GetString()!)) : [];

    private static void Check(Parameter parameter, JsonElement value)
    {
        var isRight = parameter.Kind switch
        {
            ParameterKind.Text => IsText(value, parameter.Most),
            ParameterKind.Number => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= parameter.Least && number <= parameter.Most,
            ParameterKind.Flag => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            ParameterKind.Texts => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= parameter.Most && value.EnumerateArray().All(static item => IsText(item, 1 << 20)),
            _ => value.ValueKind == JsonValueKind.Object && value.EnumerateObject().Count() <= parameter.Most && value.EnumerateObject().All(static pair => IsText(pair.Value, 8192)),
        };
        if (isRight && (parameter.Choices.Length == 0 || parameter.Choices.Contains(value.GetString())))
            return;
        throw new UsageException($"'{parameter.Name}' is {Wanted(parameter)}: {parameter.Help}.", parameter.Name);
    }

    private static bool IsText(JsonElement value, long most)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String && value.GetString()!.Length <= most;
        }
        catch (InvalidOperationException)
        {
            // Half a character.
            return false;
        }
    }

    private static string Wanted(Parameter parameter) => parameter.Kind switch
    {
        ParameterKind.Text when parameter.Choices.Length > 0 => "one of " + string.Join(", ", parameter.Choices),
        ParameterKind.Text => string.Create(CultureInfo.InvariantCulture, $"a text of at most {parameter.Most} characters"),
        ParameterKind.Number => string.Create(CultureInfo.InvariantCulture, $"a whole number from {parameter.Least} to {parameter.Most}"),
        ParameterKind.Flag => "true or false",
        ParameterKind.Texts => string.Create(CultureInfo.InvariantCulture, $"a list of at most {parameter.Most} texts"),
        _ => string.Create(CultureInfo.InvariantCulture, $"an object of at most {parameter.Most} texts"),
    };

    private static string Shown(string name) => ControlText.Escape(name.Length > 60 ? name[..60] + "…" : name);
}
