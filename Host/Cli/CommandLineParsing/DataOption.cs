using System.CommandLine;
using TransformFramework.Workflows.Data;

namespace TransformFramework.Cli.CommandLineParsing;

/// <summary>The option that names samples.</summary>
internal static class DataOption
{
    /// <summary>Makes the option.</summary>
    public static Option<string> Create(string description) => new("--data") { HelpName = "PATH", Description = description };

    /// <summary>Does what reads samples. What is wrong with them is an error of the option; what is wrong with labelled images is not.</summary>
    /// <exception cref="CommandException">A sample cannot be read or does not fit.</exception>
    public static T Read<T>(Option<string> option, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (FeedException error) when (!error.IsOfLabelledImages)
        {
            throw CommandException.Usage($"{option.Name}: {error.Message}", error.Suggestion);
        }
    }
}
