using TinyAI.TinyRuntime;

namespace TinyAI.Boards
{
    /// <summary>The self-test's words: every golden, and the first layer that differs.</summary>
    public class SelfTestReport
    {
        private readonly TextLine _line;

        /// <summary>Words to this link.</summary>
        public SelfTestReport(IByteLink link)
        {
            _line = new TextLine(link);
        }

        /// <summary>Runs all goldens of a model and says what came of each. True where there are some and all agree.</summary>
        public bool Run(Model model)
        {
            GoldenCheck check = new GoldenCheck(model);
            int count = check.Count, right = 0;
            _line.Add("selftest ").Add(model.Name).Add(": ").Add(count).Add(" goldens, ").Add(check.LayerCount).Add(" layers").End();
            if (count == 0)
            {
                _line.Add("FAILED: the pack carries no goldens; make it with pack --goldens").End();
                return false;
            }
            for (int i = 0; i < count; i++)
            {
                if (check.Run(i))
                {
                    right++;
                    _line.Add("golden ").Add(i).Add(": all layers agree").End();
                    continue;
                }
                int layer = check.WrongLayer;
                _line.Add("golden ").Add(i).Add(": layer ").Add(layer).Add(" differs (kind ").Add(check.KindOf(layer));
                _line.Add(", operator ").Add(check.OriginOf(layer)).Add(" of the model): CRC 0x").AddHexWord(check.Crcs[layer]);
                _line.Add(" instead of 0x").AddHexWord(check.ExpectedCrc).End();
            }
            _line.Add(right == count ? "PASSED: " : "FAILED: ").Add(right).Add(" of ").Add(count).Add(" goldens agree").End();
            return right == count;
        }
    }
}
