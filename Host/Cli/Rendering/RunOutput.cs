using System.Globalization;
using System.Text;
using TransformFramework.Graphs;

namespace TransformFramework.Cli.Rendering;

/// <summary>A class and its score.</summary>
/// <param name="Row">Row of the output.</param>
/// <param name="Class">Number of the class.</param>
/// <param name="Score">Its score.</param>
/// <param name="Label">Its name; null when it has none.</param>
internal sealed record ScoredClass(int Row, int Class, float Score, string? Label);

/// <summary>An output that a run computed, as text and for programs.</summary>
/// <param name="Name">Public name.</param>
/// <param name="Tensor">Its value.</param>
/// <param name="Classes">The best classes of each row; empty without labels.</param>
internal sealed record RunOutput(string Name, Tensor Tensor, IReadOnlyList<ScoredClass> Classes)
{
    private const int ShownValues = 8;

    /// <summary>Number of elements that are NaN or infinite.</summary>
    public int NotFinite { get; } = Tensor.Type is DataType.Float or DataType.Double or DataType.Half or DataType.BFloat16 ? Tensor.ToSingles().Count(value => !float.IsFinite(value)) : 0;

    /// <summary>Size of the last dimension; null for a scalar.</summary>
    public long? Columns => Tensor.Shape.Rank > 0 ? Tensor.Shape[Tensor.Shape.Rank - 1] : null;

    /// <summary>One line, and a line for each class.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Name} {Tensor.Type.Name()} {Tensor.Shape} [{string.Join(", ", Values(ShownValues).Select(value => value.ToString()))}{(Tensor.ElementCount > ShownValues ? ", …" : "")}]");
        foreach (ScoredClass entry in Classes)
            text.Append(CultureInfo.InvariantCulture, $"\n  {entry.Score,12:G6}  {entry.Class,5}  {entry.Label ?? "(no label)"}");
        return text.ToString();
    }

    /// <summary>An object that serializes to JSON, with every value.</summary>
    public object ToReport() => new
    {
        name = Name,
        type = Tensor.Type.Name(),
        shape = Tensor.Shape.Dimensions,
        values = Values(int.MaxValue).Select(value => value.Json),
        classes = Classes.Count == 0 ? null : Classes.Select(entry => new { row = entry.Row, @class = entry.Class, score = Finite(entry.Score), label = entry.Label }),
    };

    private static object? Finite(double value) => double.IsFinite(value) ? value : value.ToString(CultureInfo.InvariantCulture);

    private IEnumerable<Shown> Values(int count)
    {
        int shown = (int)Math.Min(count, Tensor.ElementCount);
        return Tensor.Type switch
        {
            DataType.String => Tensor.Strings.Take(count).Select(text => Encoding.UTF8.GetString(text.Span)).Select(text => new Shown(text, text)),
            DataType.Bool => Tensor.AsSpan<bool>()[..shown].ToArray().Select(value => new Shown(value ? "true" : "false", value)),
            DataType.Int64 => Tensor.AsSpan<long>()[..shown].ToArray().Select(value => new Shown(value.ToString(CultureInfo.InvariantCulture), value)),
            DataType.UInt64 => Tensor.AsSpan<ulong>()[..shown].ToArray().Select(value => new Shown(value.ToString(CultureInfo.InvariantCulture), value)),
            DataType.Int32 => Tensor.AsSpan<int>()[..shown].ToArray().Select(value => new Shown(value.ToString(CultureInfo.InvariantCulture), value)),
            DataType.UInt32 => Tensor.AsSpan<uint>()[..shown].ToArray().Select(value => new Shown(value.ToString(CultureInfo.InvariantCulture), value)),
            DataType.Double => Tensor.AsSpan<double>()[..shown].ToArray().Select(value => new Shown(value.ToString("R", CultureInfo.InvariantCulture), Finite(value))),
            DataType.Complex64 or DataType.Complex128 or DataType.Resource or DataType.Variant => [new Shown("…", "…")],
            _ => Tensor.ToSingles().Take(count).Select(value => new Shown(value.ToString("G9", CultureInfo.InvariantCulture), Finite(value))),
        };
    }

    private sealed record Shown(string Text, object? Json)
    {
        public override string ToString() => Text;
    }
}
