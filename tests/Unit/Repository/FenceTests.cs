using System.Reflection;

namespace Codomyrmex.Networking.Tests.Unit.Repository;

/// <summary>The public API names only .NET's own types, the <c>Microsoft.Extensions</c> abstractions and ours, so an engine can be replaced.</summary>
public class FenceTests
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
    private static readonly string Framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;

    [Theory, MemberData(nameof(Libraries.All), MemberType = typeof(Libraries))]
    public void Public_api_names_no_engine(string library) => Breaches.AreNone(Escapes(Libraries.Load(library).GetExportedTypes()));

    [Fact]
    public void A_foreign_type_is_found_wherever_it_hides()
    {
        var escapes = string.Join('\n', Escapes([typeof(Leaky)]));
        Assert.Contains("Leaky.Field", escapes);
        Assert.Contains("Leaky.Method", escapes);
        Assert.Contains("Leaky.get_Nested", escapes);
        Assert.Contains("Leaky.get_Array", escapes);
        Assert.DoesNotContain("Hidden", escapes);
    }

    private static IEnumerable<string> Escapes(IEnumerable<Type> types) =>
        from type in types
        from use in Uses(type)
        from named in Flatten(use.Type)
        where !IsInside(named, type.Assembly)
        select $"{type.Name}.{use.Member} names {named.FullName} of {named.Assembly.GetName().Name}";

    private static IEnumerable<(string Member, Type Type)> Uses(Type type)
    {
        if (type.BaseType is { } parent)
            yield return ("base", parent);
        foreach (var contract in type.GetInterfaces())
            yield return ("interface", contract);
        foreach (var use in type.GetGenericArguments().SelectMany(Constraints))
            yield return use;
        foreach (var field in type.GetFields(Declared).Where(field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly))
            yield return (field.Name, field.FieldType);
        foreach (var method in type.GetMembers(Declared).OfType<MethodBase>().Where(method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly))
        {
            foreach (var parameter in method.GetParameters())
                yield return (method.Name, parameter.ParameterType);
            if (method is MethodInfo { ReturnType: var result })
                yield return (method.Name, result);
            foreach (var use in method.IsGenericMethod ? method.GetGenericArguments().SelectMany(Constraints) : [])
                yield return use;
        }
    }

    private static IEnumerable<(string, Type)> Constraints(Type parameter) =>
        parameter.IsGenericParameter ? parameter.GetGenericParameterConstraints().Select(type => (parameter.Name, type)) : [];

    private static IEnumerable<Type> Flatten(Type type)
    {
        if (type.HasElementType)
            return Flatten(type.GetElementType()!);
        if (type.IsGenericParameter)
            return [];
        return type.IsGenericType ? type.GetGenericArguments().SelectMany(Flatten).Append(type.GetGenericTypeDefinition()) : [type];
    }

    private static bool IsInside(Type type, Assembly owner)
    {
        var assembly = type.Assembly.GetName().Name!;
        if (type.Assembly == owner || Libraries.Names.Contains(assembly))
            return true;
        if (assembly.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal))
            return assembly.EndsWith(".Abstractions", StringComparison.Ordinal) || owner.GetName().Name!.EndsWith(".Extensions", StringComparison.Ordinal);
        return type.Namespace is { } space && (space == "System" || space.StartsWith("System.", StringComparison.Ordinal)) &&
               Path.GetDirectoryName(type.Assembly.Location) == Framework;
    }

    /// <summary>Names Mono.Cecil in every way that the fence must see.</summary>
    public class Leaky
    {
        public Mono.Cecil.TypeDefinition? Field;

        public Task<List<Mono.Cecil.TypeDefinition>>? Nested { get; set; }

        public Mono.Cecil.TypeDefinition[] Array => [];

        public void Method(Action<Mono.Cecil.TypeDefinition> action) => action(Hidden());

        private Mono.Cecil.TypeDefinition Hidden() => Field!;
    }
}
