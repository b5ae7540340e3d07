using System.Collections.Immutable;
using System.Globalization;

namespace TransformFramework.Engine.PluginLoading;

/// <summary>A model format that some plugin offers, as its metadata says.</summary>
/// <param name="Name">Short name, such as <c>onnx</c>.</param>
/// <param name="Extensions">File name endings with their dot.</param>
/// <param name="TypeName">The class.</param>
public sealed record FormatDescription(string Name, ImmutableArray<string> Extensions, string TypeName)
{
    /// <summary>True when models of the format can be read.</summary>
    public bool Reads { get; init; }

    /// <summary>True when models can be written in the format.</summary>
    public bool Writes { get; init; }

    /// <summary>Options of the writer.</summary>
    public ImmutableArray<FormatOption> Options { get; init; } = [];
}

/// <summary>An option of a format's writer.</summary>
/// <param name="Name">Name without dashes, such as <c>opset</c>.</param>
/// <param name="Values">What help shows for the value: <c>N</c>, a range such as <c>13..25</c>, or the allowed words separated by <c>|</c>.</param>
/// <param name="Description">One sentence for help.</param>
public sealed record FormatOption(string Name, string Values, string Description)
{
    /// <summary>The words that are allowed; empty when other values are.</summary>
    public IEnumerable<string> Words => Values.Contains('|', StringComparison.Ordinal) && !Values.Any(char.IsUpper) ? Values.Split('|') : [];

    /// <summary>Whether a value may be given.</summary>
    public bool Accepts(string value) => Range is var (least, most)
        ? long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) && number >= least && number <= most
        : value.Length > 0 && (!Words.Any() || Words.Contains(value));

    /// <summary>What is allowed, in words.</summary>
    public string Allowed => Range switch
    {
        null => Values,
        (long.MinValue, _) => "a whole number",
        var (least, most) => string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}"),
    };

    /// <summary>The smallest and largest number that are allowed; null when the value is no number.</summary>
    private (long Least, long Most)? Range => Values == "N" ? (long.MinValue, long.MaxValue) : Values.Split("..") is [var least, var most] && long.TryParse(least, CultureInfo.InvariantCulture, out long first) && long.TryParse(most, CultureInfo.InvariantCulture, out long last) ? (first, last) : null;
}
