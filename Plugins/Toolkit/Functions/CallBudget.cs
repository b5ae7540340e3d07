using System.Globalization;

namespace TransformFramework.Toolkit.Functions;

/// <summary>Bounds what functions grow to that are written where they are called: how deep they call one another, which ends those that call themselves, and how many nodes they have together.</summary>
/// <param name="decline">Makes the error of the format from a reason.</param>
public sealed class CallBudget(Func<string, Exception> decline)
{
    /// <summary>Calls that may be within one another.</summary>
    public const int MaxDepth = 64;

    /// <summary>Nodes that may be written, those of a function once for each call.</summary>
    public const int MaxNodes = 1_000_000;

    private int depth;
    private int nodes;

    /// <summary>Counts a node that is written.</summary>
    public void Count()
    {
        if (++nodes > MaxNodes)
            throw decline(string.Create(CultureInfo.InvariantCulture, $"its functions call one another so often that there are more than {MaxNodes} nodes"));
    }

    /// <summary>Writes the body of a function.</summary>
    public T Call<T>(Func<T> write)
    {
        if (depth == MaxDepth)
            throw decline(string.Create(CultureInfo.InvariantCulture, $"its functions call themselves, or one another more than {MaxDepth} deep"));
        depth++;
        try
        {
            return write();
        }
        finally
        {
            depth--;
        }
    }
}
