using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using TransformFramework.Transforms;

namespace TransformFramework.Dsl.Binding;

/// <summary>A property of an options record that an argument is bound to.</summary>
internal sealed record OptionProperty(PropertyInfo Property, OptionAttribute Attribute, ValueReader Reader, bool IsRepeatable, bool IsRequired)
{
    private static readonly ConcurrentDictionary<Type, ImmutableArray<OptionProperty>> Known = new();

    private static readonly MethodInfo ToArrayMethod = typeof(OptionProperty).GetMethods(BindingFlags.Static | BindingFlags.NonPublic)
        .Single(method => method is { Name: nameof(ToArray), IsGenericMethodDefinition: true });

    public string Name => Attribute.Name;

    /// <summary>The bound properties of a record in declaration order, inherited ones first.</summary>
    /// <exception cref="InvalidOperationException">The record is not fit for arguments; the message says why.</exception>
    public static ImmutableArray<OptionProperty> Of(Type optionsType) => Known.GetOrAdd(optionsType, static type => Read(type));

    /// <summary>A new record with its defaults.</summary>
    public static object CreateDefaults(Type optionsType)
    {
        if (optionsType.GetConstructor(Type.EmptyTypes) is null)
            throw new InvalidOperationException($"The options record {optionsType} needs a public constructor without parameters");
        return Activator.CreateInstance(optionsType, BindingFlags.Instance | BindingFlags.Public | BindingFlags.DoNotWrapExceptions, null, null, null)!;
    }

    /// <summary>Sets the property to one value, or to an array of all of them.</summary>
    public void Set(object options, IReadOnlyList<object> values) =>
        Property.SetValue(options, IsRepeatable ? ToArray(values) : values[0], BindingFlags.DoNotWrapExceptions, null, null, null);

    /// <summary>The values that the property has in a record: one, none for null, several for an array.</summary>
    public IEnumerable<object> Get(object options) => Property.GetValue(options) switch
    {
        null => [],
        object array when IsRepeatable => IsDefault(array) ? [] : ((System.Collections.IEnumerable)array).Cast<object>(),
        object value => [value],
    };

    /// <summary>True for an <c>ImmutableArray</c> that was never assigned, which no transform could read.</summary>
    public bool IsUnassignedArray(object options) => IsRepeatable && IsDefault(Property.GetValue(options)!);

    private static ImmutableArray<OptionProperty> Read(Type type)
    {
        var properties =
            from property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public)
            let attribute = property.GetCustomAttribute<OptionAttribute>()
            where attribute is not null
            orderby Depth(property.DeclaringType), property.MetadataToken
            select Read(property, attribute);
        ImmutableArray<OptionProperty> all = [.. properties];
        if (all.Select(option => option.Name).Distinct(StringComparer.Ordinal).Count() != all.Length)
            throw new InvalidOperationException($"Two properties of the options record {type} claim the same argument");
        return all;
    }

    private static OptionProperty Read(PropertyInfo property, OptionAttribute attribute)
    {
        string place = $"The property {property.Name} of the options record {property.DeclaringType}";
        if (property.SetMethod is not { IsPublic: true })
            throw new InvalidOperationException($"{place} needs a public init or set accessor");
        if (attribute.Name == IgnoreErrors.ArgumentName)
            throw new InvalidOperationException($"{place} claims the argument {IgnoreErrors.ArgumentName}, which belongs to the host");

        bool isRepeatable = property.PropertyType.IsGenericType && property.PropertyType.GetGenericTypeDefinition() == typeof(ImmutableArray<>);
        var valueType = isRepeatable ? property.PropertyType.GetGenericArguments()[0] : property.PropertyType;
        var reader = ValueReader.For(valueType) ?? throw new InvalidOperationException($"{place} has the type {property.PropertyType}, which no argument can have");
        return new OptionProperty(property, attribute, reader, isRepeatable, property.IsDefined(typeof(RequiredMemberAttribute)));
    }

    private static int Depth(Type? type) => type is null ? 0 : Depth(type.BaseType) + 1;

    private static bool IsDefault(object array) => array.Equals(Activator.CreateInstance(array.GetType()));

    private object ToArray(IReadOnlyList<object> values) =>
        ToArrayMethod.MakeGenericMethod(Property.PropertyType.GetGenericArguments()[0]).Invoke(null, [values])!;

    private static ImmutableArray<T> ToArray<T>(IReadOnlyList<object> values) => [.. values.Cast<T>()];
}
