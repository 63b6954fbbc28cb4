"""Crawls a site with scrapy, all politeness off, and says what it took: URL CONCURRENCY [JOBDIR]."""
import json
import resource
import sys
import time

from scrapy import Request, Spider, signals
from scrapy.crawler import CrawlerProcess
from scrapy.linkextractors import LinkExtractor

url, concurrency = sys.argv[1], int(sys.argv[2])
began = {}


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


class Site(Spider):
    name = "site"
    pages = 0
    extractor = LinkExtractor()

    @classmethod
    def from_crawler(cls, crawler, *args, **kwargs):
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.opened, signal=signals.spider_opened)
        crawler.signals.connect(spider.closed_now, signal=signals.spider_closed)
        return spider

    def opened(self):
        began["at"], began["cpu"] = time.perf_counter(), cpu()

    def start_requests(self):
        # Those that scrapy makes by itself pass its filter, and the first page would be fetched twice.
        yield Request(url, self.parse)

    def parse(self, response):
        self.pages += 1
        for link in self.extractor.extract_links(response):
            yield Request(link.url, self.parse)

    def closed_now(self):
        print(json.dumps({
            "Pages": self.pages,
            "Seconds": time.perf_counter() - began["at"],
            "CpuSeconds": cpu() - began["cpu"],
            "PeakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        }), flush=True)


settings = {
    "LOG_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "ROBOTSTXT_OBEY": False,
    "COOKIES_ENABLED": False,
    "RETRY_ENABLED": False,
    "AUTOTHROTTLE_ENABLED": False,
    "DOWNLOAD_DELAY": 0,
    "CONCURRENT_REQUESTS": concurrency,
    "CONCURRENT_REQUESTS_PER_DOMAIN": concurrency,
}
if len(sys.argv) > 3:
    settings["JOBDIR"] = sys.argv[3]
process = CrawlerProcess(settings, install_root_handler=False)
process.crawl(Site)
process.start()
