using TransformFramework.Cpu.Microkernels;

namespace TransformFramework.Cpu.Plans;

/// <summary>Cases that run with every kernel set of the machine.</summary>
internal static class PlanCases
{
    /// <summary>Each name with the name of each set.</summary>
    public static TheoryData<string, string> WithSets(IEnumerable<string> names)
    {
        var data = new TheoryData<string, string>();
        foreach (string name in names)
        {
            foreach (MicrokernelSet set in MicrokernelCatalog.Supported)
                data.Add(name, set.Name);
        }
        return data;
    }
}
