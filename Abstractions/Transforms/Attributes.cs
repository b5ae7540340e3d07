namespace TransformFramework.Transforms;

/// <summary>Registers a public class with a parameterless constructor (or one that the host's services satisfy) as the transform of a name.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class TransformAttribute(string name) : Attribute
{
    /// <summary>The name in scripts: ASCII letters, digits and underscores.</summary>
    public string Name { get; } = name;

    /// <summary>One sentence for <c>list</c> and <c>describe</c>.</summary>
    public string Summary { get; set; } = "";

    /// <summary>Other names that scripts may use.</summary>
    public string[] Aliases { get; set; } = [];

    /// <summary>True for a transform of the original tool, whose unknown arguments are ignored in verbatim mode.</summary>
    public bool IsClassic { get; set; }

    /// <summary>True when the transform evaluates constants or runs graphs, so that the host loads a backend for it.</summary>
    public bool NeedsBackend { get; set; }

    /// <summary>True when the transform rounds or quantizes, so that the graph computes nearly but not exactly the same.</summary>
    public bool IsLossy { get; set; }
}

/// <summary>
/// Binds a script argument to a property of an options record. Property types: string, bool, int, long, float, double, DataType, TensorShape, enums, nullable
/// forms of these, and <c>ImmutableArray&lt;T&gt;</c> of them for arguments that may be repeated. The property's initial value is the default; a <c>required</c>
/// property must be given.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OptionAttribute(string name, string description) : Attribute
{
    /// <summary>The argument's name in scripts.</summary>
    public string Name { get; } = name;

    /// <summary>One sentence for <c>describe</c>.</summary>
    public string Description { get; } = description;

    /// <summary>True when only the first of several values counts, as in a few of the original's transforms; else repeating a single-value argument is an error.</summary>
    public bool FirstValueCounts { get; set; }

    /// <summary>How the default reads in help where the property's value does not say it.</summary>
    public string? DefaultText { get; set; }

    /// <summary>Message for an absent required argument or a wrong number of values; null for the general one.</summary>
    public string? CountMessage { get; set; }
}

/// <summary>The version of the Abstractions contract that a plugin assembly was written for. Read without loading the assembly.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class TransformApiAttribute(int major, int minor) : Attribute
{
    public int Major { get; } = major;

    public int Minor { get; } = minor;
}

/// <summary>The contract version of this assembly.</summary>
public static class TransformApi
{
    public const int Major = 1;
    public const int Minor = 0;
}
