namespace TransformFramework.Engine.PluginLoading;

/// <summary>The project by which the SDK builds or restores a plugin, apart from the build files of the folders above it.</summary>
internal static class PluginProject
{
    /// <summary>The text of the project.</summary>
    /// <param name="properties">Properties beside those that every plugin has, an element a line.</param>
    /// <param name="items">Its items, an element a line.</param>
    public static string Text(IEnumerable<string> properties, IEnumerable<string> items) => $"""
        <Project>
          <PropertyGroup>
            <ImportDirectoryBuildProps>false</ImportDirectoryBuildProps>
            <ImportDirectoryBuildTargets>false</ImportDirectoryBuildTargets>
            <ImportDirectoryPackagesProps>false</ImportDirectoryPackagesProps>
          </PropertyGroup>
          <Import Project="Sdk.props" Sdk="Microsoft.NET.Sdk" />
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
            <EnableDynamicLoading>true</EnableDynamicLoading>
            {string.Join("\n    ", properties)}
          </PropertyGroup>
          <ItemGroup>
            {string.Join("\n    ", items)}
          </ItemGroup>
          <Import Project="Sdk.targets" Sdk="Microsoft.NET.Sdk" />
        </Project>
        """;

    /// <summary>A text as it is in an attribute.</summary>
    public static string Escape(string text) => System.Security.SecurityElement.Escape(text);
}
