using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Codomyrmex.Networking.Tests.Unit.Repository.Layers;

/// <summary>Everything that a compiled type names: in its signatures, fields, attributes and method bodies, nested types included.</summary>
internal static class ReferenceScanner
{
    public static IEnumerable<Reference> Scan(TypeDefinition type) =>
        Named(type).SelectMany(reference => Flatten(reference.Type).Select(part => reference with { Type = part }))
            .Concat(type.NestedTypes.SelectMany(Scan));

    private static IEnumerable<Reference> Named(TypeDefinition type)
    {
        var head = Parents(type).Concat(Attributes(type)).Concat(Constraints(type)).Select(named => new Reference(type.FullName, named));
        var fields = type.Fields.SelectMany(field => Attributes(field).Append(field.FieldType).Select(named => new Reference(field.FullName, named)));
        var properties = type.Properties.SelectMany(property => Attributes(property).Append(property.PropertyType).Select(named => new Reference(property.FullName, named)));
        var events = type.Events.SelectMany(handler => Attributes(handler).Append(handler.EventType).Select(named => new Reference(handler.FullName, named)));
        var methods = type.Methods.SelectMany(method => Signature(method).Concat(Body(method)).Select(named => new Reference(method.FullName, named)));
        return head.Concat(fields).Concat(properties).Concat(events).Concat(methods);
    }

    private static IEnumerable<TypeReference> Parents(TypeDefinition type)
    {
        if (type.BaseType is not null)
            yield return type.BaseType;
        foreach (var contract in type.Interfaces)
            yield return contract.InterfaceType;
    }

    private static IEnumerable<TypeReference> Signature(MethodDefinition method)
    {
        foreach (var parameter in method.Parameters)
        {
            yield return parameter.ParameterType;
            foreach (var attribute in Attributes(parameter))
                yield return attribute;
        }
        yield return method.ReturnType;
        foreach (var type in Attributes(method).Concat(Constraints(method)))
            yield return type;
    }

    private static IEnumerable<TypeReference> Body(MethodDefinition method)
    {
        if (!method.HasBody)
            yield break;
        foreach (var variable in method.Body.Variables)
            yield return variable.VariableType;
        foreach (var handler in method.Body.ExceptionHandlers.Where(handler => handler.CatchType is not null))
            yield return handler.CatchType;
        foreach (var type in method.Body.Instructions.SelectMany(Operand))
            yield return type;
    }

    private static IEnumerable<TypeReference> Operand(Instruction instruction) => instruction.Operand switch
    {
        TypeReference type => [type],
        FieldReference field => [field.DeclaringType, field.FieldType],
        MethodReference method => Called(method),
        CallSite site => site.Parameters.Select(parameter => parameter.ParameterType).Append(site.ReturnType),
        _ => [],
    };

    private static IEnumerable<TypeReference> Called(MethodReference method)
    {
        var types = method.Parameters.Select(parameter => parameter.ParameterType).Append(method.ReturnType).Append(method.DeclaringType);
        return method is GenericInstanceMethod generic ? types.Concat(generic.GenericArguments) : types;
    }

    private static IEnumerable<TypeReference> Attributes(ICustomAttributeProvider member) => member.CustomAttributes.Select(attribute => attribute.AttributeType);

    private static IEnumerable<TypeReference> Constraints(IGenericParameterProvider member) =>
        member.GenericParameters.SelectMany(parameter => parameter.Constraints).Select(constraint => constraint.ConstraintType);

    private static IEnumerable<TypeReference> Flatten(TypeReference type) => type switch
    {
        GenericParameter => [],
        GenericInstanceType generic => generic.GenericArguments.SelectMany(Flatten).Append(generic.ElementType),
        RequiredModifierType modified => Flatten(modified.ElementType).Append(modified.ModifierType),
        TypeSpecification wrapped => Flatten(wrapped.ElementType),
        _ => [type],
    };
}
