using System.CommandLine;
using System.Reflection;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Cli.Commands;
using TransformFramework.Engine.Models;
using TransformFramework.Engine.PluginLoading;

namespace TransformFramework.Cli.Tests.CommandLineParsing;

public sealed class OutputArgumentsTests
{
    [Fact]
    public void No_option_of_a_format_has_the_name_of_a_commands_option()
    {
        string plugins = typeof(OutputArgumentsTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "Plugins").Value!;
        string[] formats = [.. OutputFormat.All(PluginCatalog.Discover(Directory.GetDirectories(plugins))).SelectMany(format => format.Options).Select(option => "--" + option.Name)];
        Assert.Contains("--opset", formats);
        var writing = CommandList.Create(CancellationToken.None).Append(TransformCommand.Create(CancellationToken.None)).Where(command => command.Options.Contains(OutputArguments.FormatOption));
        Assert.Empty(writing.SelectMany(command => command.Options).SelectMany(option => option.Aliases.Append(option.Name)).Intersect(formats));
    }
}
