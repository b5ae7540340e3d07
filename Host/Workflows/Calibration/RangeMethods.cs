using System.Text.Json;
using TransformFramework.Toolkit.Calibration;

namespace TransformFramework.Workflows.Calibration;

/// <summary>Range methods by the names that users give: <c>min_max</c>, <c>percentile</c>, …</summary>
public static class RangeMethods
{
    /// <summary>Every name.</summary>
    public static IEnumerable<string> Names => Enum.GetValues<RangeMethod>().Select(NameOf);

    /// <summary>The name of a method.</summary>
    public static string NameOf(RangeMethod method) => JsonNamingPolicy.SnakeCaseLower.ConvertName(method.ToString());

    /// <summary>The method of a name; null when there is none.</summary>
    public static RangeMethod? Find(string name)
    {
        RangeMethod[] found = [.. Enum.GetValues<RangeMethod>().Where(method => NameOf(method) == name)];
        return found is [var only] ? only : null;
    }
}
