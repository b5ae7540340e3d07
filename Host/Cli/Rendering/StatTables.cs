using System.Globalization;
using System.Text;
using TransformFramework.Graphs;
using TransformFramework.Workflows.Benchmarking;

namespace TransformFramework.Cli.Rendering;

/// <summary>The tables of the original benchmark_model, in its columns: times in milliseconds, memory in units of 1000 bytes.</summary>
internal sealed class StatTables(StepRecorder steps)
{
    private const string Rule = "==============================";

    /// <summary>Width and title of the columns before the name.</summary>
    private static readonly (int Width, string Title)[] NodeColumns = [(24, "[node type]"), (17, "[start]"), (9, "[first]"), (9, "[avg ms]"), (8, "[%]"), (8, "[cdf%]"), (10, "[mem KB]"), (9, "[times called]")];

    private static readonly (int Width, string Title)[] TypeColumns = [(24, "[Node type]"), (9, "[count]"), (10, "[avg ms]"), (11, "[avg %]"), (11, "[cdf %]"), (10, "[mem KB]"), (10, "[times called]")];

    /// <summary>Every node in run order; at most <paramref name="limit"/>, 0 for all.</summary>
    public string InRunOrder(int limit) => Nodes("Run Order", steps.Nodes, limit);

    /// <summary>The slowest nodes.</summary>
    public string ByTime(int limit) => Nodes("Top by Computation Time", steps.Nodes.OrderByDescending(node => node.Milliseconds.Total), limit);

    /// <summary>The nodes with the largest outputs.</summary>
    public string ByMemory(int limit) => Nodes("Top by Memory Use", steps.Nodes.OrderByDescending(node => node.Bytes), limit);

    /// <summary>Sums by op.</summary>
    public string ByType(IReadOnlyList<TypeTotal> types)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Number of nodes executed: {steps.Nodes.Count}\n{Rule} Summary by node type {Rule}\n{Line(TypeColumns, column => column.Title)}\n");
        double cumulative = 0;
        foreach (TypeTotal type in types)
        {
            double part = 100 * type.Milliseconds / steps.Milliseconds;
            cumulative += part;
            string[] cells = [type.Op, Whole(type.Nodes), Thousandths(type.Milliseconds), Percent(part), Percent(cumulative), Thousandths(type.Bytes / 1000), Whole(type.Calls)];
            text.Append(Line(TypeColumns, column => cells[Array.IndexOf(TypeColumns, column)])).Append('\n');
        }
        return text.Append('\n').ToString();
    }

    /// <summary>Times in microseconds and memory in bytes of the runs, and the number of nodes.</summary>
    public string Summary() => string.Create(CultureInfo.InvariantCulture,
        $"Timings (microseconds): {Series([.. steps.Totals.Select(run => (long)(run.Milliseconds * 1000))])}\nMemory (bytes): {Series([.. steps.Totals.Select(run => run.Bytes)])}\n{steps.Nodes.Count} nodes observed\n");

    /// <summary>Shapes of the outputs of the nodes that ran, where they are known beforehand.</summary>
    public string Sizes(IReadOnlyDictionary<string, TensorShape[]> shapes) =>
        string.Concat(steps.Nodes.Select(node => $"{node.Node.Name} ({node.Node.Op}): {string.Join(", ", shapes.GetValueOrDefault(node.Node.Name, []).Select(shape => shape.ToString()))}\n"));

    /// <summary>A series of numbers in one line.</summary>
    public static string Series(IReadOnlyList<long> values)
    {
        if (values.Count == 0)
            return "count=0";
        if (values.Min() == values.Max())
            return string.Create(CultureInfo.InvariantCulture, $"count={values.Count} curr={values[^1]}{(values.Count > 1 ? "(all same)" : "")}");
        double mean = values.Average();
        long deviation = (long)Math.Sqrt((long)values.Average(value => (value - mean) * (value - mean)));
        return string.Create(CultureInfo.InvariantCulture, $"count={values.Count} first={values[0]} curr={values[^1]} min={values.Min()} max={values.Max()} avg={mean:G6} std={deviation}");
    }

    private string Nodes(string title, IEnumerable<StepTotal> nodes, int limit)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Rule} {title} {Rule}\n{Line(NodeColumns, column => column.Title)}\t[Name]\n");
        double cumulative = 0;
        foreach (StepTotal node in nodes.Take(limit > 0 ? limit : int.MaxValue))
        {
            double milliseconds = node.Milliseconds.Total / steps.Runs;
            double part = 100 * milliseconds / steps.Milliseconds;
            cumulative += part;
            string[] cells =
            [
                node.Node.Op, Thousandths(node.Starts / node.Calls), Thousandths(node.Milliseconds.First), Thousandths(milliseconds), Percent(part), Percent(cumulative),
                Thousandths((double)node.Bytes / steps.Runs / 1000), Whole(node.Calls / steps.Runs),
            ];
            text.Append(Line(NodeColumns, column => cells[Array.IndexOf(NodeColumns, column)])).Append('\t').Append(node.Node.Name).Append('\n');
        }
        return text.Append('\n').ToString();
    }

    private static string Line((int Width, string Title)[] columns, Func<(int Width, string Title), string> cell) => string.Concat(columns.Select(column => "\t" + cell(column).PadLeft(column.Width)));

    private static string Thousandths(double value) => value.ToString("F3", CultureInfo.InvariantCulture);

    private static string Percent(double value) => Thousandths(value) + "%";

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);
}
